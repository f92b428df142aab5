import { JobState, type RunDto } from '@/api/client'

const unfinished: string[] = [JobState.Queued, JobState.Running, JobState.Waiting_retry]

export function isUnderWay(run: Pick<RunDto, 'status'>): boolean {
  return unfinished.includes(run.status)
}

/** How long a run has worked; while it works, until now. */
export function runDuration(run: RunDto, now: number): number | null {
  return run.started_at === null ? null : Math.max(0, (run.finished_at ? Date.parse(run.finished_at) : now) - Date.parse(run.started_at))
}

/** The states that a filter in the URL names. */
export function statusFilter(value: string | undefined): JobState[] | undefined {
  return value ? (value.split(',') as JobState[]) : undefined
}

/** Arguments as a shell would take them, each whole. */
export function shellText(words: readonly string[]): string {
  return words.map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}

export interface Difference {
  key: string
  title: string
  first: string | null
  second: string | null
  differs: boolean
}

export interface ComparedRow {
  key: string
  title: string
  value: (run: RunDto) => string | null
  /** For what always differs. */
  isUnmarked?: boolean
}

/** The rows of a comparison; values are compared as they are shown. */
export function compareRows(rows: ComparedRow[], first: RunDto, second: RunDto): Difference[] {
  return rows.map(({ key, title, value, isUnmarked }) => {
    const [a, b] = [value(first), value(second)]
    return { key, title, first: a, second: b, differs: !isUnmarked && a !== b }
  })
}

/** The names of the parameters of both runs, in the order of the first. */
export function parameterNames(first: RunDto, second: RunDto): string[] {
  return [...new Set([...Object.keys(first.parameters), ...Object.keys(second.parameters)])]
}

/** Whether a text is an exit code. */
export function isExitCode(value: string): boolean {
  return /^\d{1,3}$/.test(value) && Number(value) <= 255
}
