import type { LogLine } from '@/api/client'
import { plainText } from './ansi'
import type { FetchLines } from './blocks'

export const maxFound = 10_000
const pageSize = 10_000

/** The numbers of the lines among these that contain a text in any case. The page stays usable meanwhile. */
export async function findIn(lines: Iterable<LogLine>, wanted: string, signal: AbortSignal): Promise<number[]> {
  const needle = wanted.toLowerCase()
  const found: number[] = []
  let since = performance.now()
  for (const line of lines) {
    if (plainText(line.text).toLowerCase().includes(needle)) {
      found.push(line.number)
      if (found.length === maxFound) {
        break
      }
    }

    if (performance.now() - since > 8) {
      await new Promise(resolve => setTimeout(resolve))
      signal.throwIfAborted()
      since = performance.now()
    }
  }

  return found
}

/** Reads a log from its first line on and tells after each page what was found until then. */
export async function findAll(
  fetch: FetchLines,
  wanted: string,
  onProgress: (found: number[], upTo: number, isComplete: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let found: number[] = []
  let after = 0
  for (;;) {
    const page = await fetch(after, pageSize, signal)
    found = [...found, ...(await findIn(page.items, wanted, signal))].slice(0, maxFound)
    after = page.items.at(-1)?.number ?? page.last_number
    const isComplete = after >= page.last_number
    onProgress(found, after, isComplete)
    if (isComplete || found.length === maxFound) {
      return
    }
  }
}

/** The place among sorted numbers to go to from a line: the next one, or with -1 the one before, around the ends. */
export function nextMatch(found: readonly number[], line: number, direction: 1 | -1): number {
  if (found.length === 0) {
    return -1
  }

  const after = found.findIndex(number => number > line)
  if (direction === 1) {
    return after === -1 ? 0 : after
  }

  const from = found.findIndex(number => number >= line)
  return from <= 0 ? found.length - 1 : from - 1
}
