import { describe, expect, it, vi } from 'vitest'

vi.mock('@/router', () => ({ linkTo: (name: string, params: object) => ({ name, params }) }))

describe('events', () => {
  it('are named in words', async () => {
    const { eventTitle } = await import('./eventText')
    expect(eventTitle('database.backup_requested')).toBe('Database backup requested')
    expect(eventTitle('ssh_key.added')).toBe('SSH key added')
  })

  it('are exported with the filters of the list', async () => {
    const { exportPath } = await import('./exportEvents')
    expect(exportPath({})).toBe('/api/v1/events')
    expect(exportPath({ q: 'ada', target: 'x', sort: 'y', from: '2026-01-01T00:00:00.000Z' })).toBe(
      '/api/v1/events?actor=ada&target_id=x&from=2026-01-01T00%3A00%3A00.000Z',
    )
  })
})
