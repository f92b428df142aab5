import { JobState, type JobDto } from '@/api/client'

export interface JobHour {
  /** The beginning of the hour, in milliseconds. */
  at: number
  succeeded: number
  failed: number
  /** The median duration of what succeeded, in seconds. */
  duration: number | null
}

const hour = 3_600_000

/**
 * Jobs that ended in the last 24 hours, by the hour in which they ended. Where older jobs are cut off, the hours before the oldest one are
 * left out: nothing is known of them.
 */
export function jobHours(jobs: JobDto[], now: number, isCut = false): JobHour[] {
  const last = Math.floor(now / hour) * hour
  const oldest = isCut ? Math.min(last, ...jobs.map(job => Date.parse(job.created_at))) : 0
  const first = Math.max(last - 23 * hour, Math.floor(oldest / hour) * hour)
  return Array.from({ length: (last - first) / hour + 1 }, (_, index) => {
    const at = first + index * hour
    const ended = jobs.filter(job => job.finished_at && isIn(Date.parse(job.finished_at), at))
    const succeeded = ended.filter(job => job.status === JobState.Succeeded)
    const failed = ended.filter(job => job.status === JobState.Failed || job.status === JobState.Interrupted)
    return { at, succeeded: succeeded.length, failed: failed.length, duration: median(succeeded.map(durationOf)) }
  })
}

function isIn(time: number, at: number): boolean {
  return time >= at && time < at + hour
}

function durationOf(job: JobDto): number {
  return (Date.parse(job.finished_at!) - Date.parse(job.started_at ?? job.created_at)) / 1000
}

function median(values: number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)]!
}
