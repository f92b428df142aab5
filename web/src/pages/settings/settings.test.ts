import { describe, expect, it } from 'vitest'
import { SettingSource, type SettingDto } from '@/api/client'
import { matching } from './filter'

function setting(name: string, source: SettingSource, value: string | null = null): SettingDto {
  return { name, value, secret: value === null, source, variable: null, default: null, description: `what ${name} is for` }
}

describe('matching', () => {
  const all = [setting('jobs.concurrency', SettingSource.Environment, '7'), setting('metrics.token', SettingSource.File), setting('port', SettingSource.Default, '8080')]

  it('finds names, values and meanings in any case', () => {
    expect(matching(all, 'TOKEN', []).map(one => one.name)).toEqual(['metrics.token'])
    expect(matching(all, '808', []).map(one => one.name)).toEqual(['port'])
    expect(matching(all, 'what port', []).map(one => one.name)).toEqual(['port'])
    expect(matching(all, ' ', [])).toHaveLength(3)
  })

  it('takes the chosen sources only', () => {
    expect(matching(all, '', ['environment', 'file']).map(one => one.name)).toEqual(['jobs.concurrency', 'metrics.token'])
  })
})
