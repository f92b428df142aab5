import type { LogSearchPage } from '@/api/client'

export interface SearchPart {
  from?: number
  to?: number
  limit: number
  isBackward?: boolean
}

/** Searches a part of the log for what is wanted. One answer may cover less than the part. */
export type Search = (part: SearchPart, signal: AbortSignal) => Promise<Pick<LogSearchPage, 'items' | 'count' | 'next' | 'last_number'>>

export interface Found {
  number: number
  /** The search went on at the other end of the log. */
  isAround: boolean
}

async function firstIn(search: Search, part: SearchPart, signal: AbortSignal): Promise<number | null> {
  let from = part.from
  for (;;) {
    const page = await search({ ...part, from, limit: 1 }, signal)
    if (page.items[0] || page.next === null) {
      return page.items[0]?.number ?? null
    }

    from = page.next
  }
}

/** The next match from a line on, in one direction and around the end of the log; null if the log has none. */
export async function findNext(search: Search, line: number, direction: 1 | -1, signal: AbortSignal): Promise<Found | null> {
  const isBackward = direction === -1
  const ahead = line < 1 ? null : await firstIn(search, { from: line, limit: 1, isBackward }, signal)
  if (ahead !== null) {
    return { number: ahead, isAround: false }
  }

  const around = await firstIn(search, { to: Math.max(1, line), limit: 1, isBackward }, signal)
  return around === null ? null : { number: around, isAround: true }
}

/** How many lines match from one line to another, and up to which line that was counted; null for the last line of the log. */
export async function countMatches(search: Search, from: number, to: number | null, signal: AbortSignal): Promise<{ count: number; last: number }> {
  let count = 0
  for (;;) {
    const page = await search({ from, limit: 0, ...(to === null ? {} : { to }) }, signal)
    count += page.count
    if (page.next === null) {
      return { count, last: Math.min(to ?? page.last_number, page.last_number) }
    }

    from = page.next
  }
}
