import { LogStream, type LogLine } from '@/api/client'
import { segmentsOf, withMarks, type Segment } from './ansi'

/** The characters of a line that are shown. */
export const longest = 4000

const cache = new WeakMap<LogLine, Segment[]>()

/** A line as parts with classes; what is looked for is marked. */
export function segments(line: LogLine, wanted: string, isCaseSensitive: boolean): Segment[] {
  let found = cache.get(line)
  if (!found) {
    found = segmentsOf(line.text.length > longest ? line.text.slice(0, longest) : line.text)
    cache.set(line, found)
  }

  return wanted === '' ? found : withMarks(found, wanted, isCaseSensitive)
}

export function streamClass(line: LogLine | undefined): string {
  return line?.stream === LogStream.Stderr ? 'stderr' : line?.stream === LogStream.System ? 'system' : ''
}

/** Whether the next line replaces this one. */
export function isReplaced(line: LogLine | undefined, next: LogLine | undefined): boolean {
  return next?.replaces === true && next.stream === line?.stream
}
