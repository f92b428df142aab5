import type { LogLine } from '@/api/client'
import type { LogBlocks } from './blocks'
import type { Search } from './find'

/** The lines that are shown, by their place from 1 on. */
export interface LineSource {
  readonly count: number
  numberAt: (place: number) => number
  lineAt: (place: number) => LogLine | undefined
  /** The place of a line, or of the first one after it. */
  placeOf: (number: number) => number
}

export function wholeLog(blocks: LogBlocks): LineSource {
  return {
    get count() {
      return blocks.lastNumber
    },
    numberAt: place => place,
    lineAt: place => blocks.get(place),
    placeOf: number => number,
  }
}

const pageSize = 1000
const maxLines = 100_000

/** The lines of some streams, read page by page from the first one on. */
export class FilteredLines implements LineSource {
  /** Whether all lines that the log had are there. */
  isComplete = false
  private readonly lines: LogLine[] = []
  private next = 1

  constructor(private readonly search: Search) {}

  get count(): number {
    return this.lines.length
  }

  get isFull(): boolean {
    return this.lines.length >= maxLines
  }

  /** Up to which line of the log the lines are there. */
  get lastNumber(): number {
    return this.next - 1
  }

  numberAt(place: number): number {
    return this.lines[place - 1]?.number ?? 0
  }

  lineAt(place: number): LogLine | undefined {
    return this.lines[place - 1]
  }

  placeOf(number: number): number {
    let [low, high] = [0, this.lines.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.lines[middle]!.number < number) {
        low = middle + 1
      } else {
        high = middle
      }
    }

    return low + 1
  }

  textsIn(first: number, last: number): string[] {
    return this.lines.slice(this.placeOf(first) - 1, this.placeOf(last + 1) - 1).map(line => line.text)
  }

  async more(signal: AbortSignal): Promise<void> {
    if (this.isFull) {
      return
    }

    const page = await this.search({ from: this.next, limit: pageSize }, signal)
    this.lines.push(...page.items.map(({ number, at, stream, text, truncated }) => ({ number, at, stream, text: truncated ? `${text}…` : text })))
    this.isComplete = page.next === null
    this.next = page.next ?? page.last_number + 1
  }
}
