import { Direction, LogStream, type LogSearchPage } from '@/api/client'
import { api } from '@/api/http'
import type { Search } from './find'

const maxAnswers = 8

/** A search for a text; without one, every line of the streams. */
export function searchFor(jobId: string, wanted: string, isCaseSensitive: boolean, streams: LogStream[] | null): Search {
  return (part, signal) =>
    search(jobId, {
      ...part,
      q: wanted === '' ? undefined : wanted,
      isCaseSensitive,
      streams: streams ?? undefined,
      signal,
    })
}

/** The first line that tells of an error, as the server decides it; null if there is none near the beginning of a huge log. */
export async function firstErrorOf(jobId: string, signal: AbortSignal): Promise<number | null> {
  let other: number | null = null
  let from: number | undefined
  for (let answers = 0; answers < maxAnswers; answers++) {
    const page = await search(jobId, { from, limit: 1, isFirstError: true, signal })
    const [hit] = page.items
    if (hit?.stream === LogStream.Stderr) {
      return hit.number
    }

    other ??= hit?.number ?? null
    if (page.next === null) {
      break
    }

    from = page.next
  }

  return other
}

interface Query {
  q?: string | undefined
  from?: number | undefined
  to?: number | undefined
  limit: number
  isBackward?: boolean
  isCaseSensitive?: boolean
  isFirstError?: boolean
  streams?: LogStream[] | undefined
  signal: AbortSignal
}

function search(jobId: string, query: Query): Promise<LogSearchPage> {
  return api.searchJobLog(
    jobId,
    query.q,
    query.from,
    query.to,
    query.limit,
    query.isBackward ? Direction.Backward : undefined,
    query.isCaseSensitive || undefined,
    query.isFirstError || undefined,
    query.streams,
    undefined,
    query.signal,
  )
}
