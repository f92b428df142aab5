import { describe, expect, it } from 'vitest'
import { JobState, type JobDto } from '@/api/client'
import { jobHours } from './jobHours'

const now = Date.parse('2026-03-01T12:30:00Z')

function job(created: string, finished: string, status = JobState.Succeeded): JobDto {
  return { created_at: created, started_at: created, finished_at: finished, status } as JobDto
}

describe('jobHours', () => {
  const jobs = [
    job('2026-03-01T12:10:00Z', '2026-03-01T12:10:20Z'),
    job('2026-03-01T09:50:00Z', '2026-03-01T10:05:00Z', JobState.Failed),
  ]

  it('has the hours of a day up to now', () => {
    const hours = jobHours(jobs, now)
    expect(hours).toHaveLength(24)
    expect(hours.at(-1)).toEqual({ at: Date.parse('2026-03-01T12:00:00Z'), succeeded: 1, failed: 0, duration: 20 })
    expect(hours.at(-3)).toMatchObject({ failed: 1, duration: null })
  })

  it('begins with the oldest job where older ones are cut off', () => {
    const hours = jobHours(jobs, now, true)
    expect(hours.map(hour => new Date(hour.at).getUTCHours())).toEqual([9, 10, 11, 12])
    expect(jobHours([job('2026-02-20T00:00:00Z', '2026-02-20T00:01:00Z')], now, true)).toHaveLength(24)
    expect(jobHours([], now, true)).toHaveLength(1)
  })
})
