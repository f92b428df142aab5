import type { LogLine } from '@/api/client'

export const blockSize = 1000
const maxBlocks = 60

export interface LinePage {
  items: LogLine[]
  last_number: number
}

export type FetchLines = (after: number, limit: number, signal: AbortSignal) => Promise<LinePage>

/** The lines of a log by their number, from 1 on, in blocks; the blocks that were not used for longest are dropped. */
export class LogBlocks {
  lastNumber = 0
  private readonly blocks = new Map<number, (LogLine | undefined)[]>()

  get(number: number): LogLine | undefined {
    return this.blocks.get(blockOf(number))?.[(number - 1) % blockSize]
  }

  put(lines: readonly LogLine[]): void {
    for (const line of lines) {
      this.blockFor(line.number)[(line.number - 1) % blockSize] = line
      this.lastNumber = Math.max(this.lastNumber, line.number)
    }
  }

  /** Marks blocks as used, so that they stay. */
  touch(first: number, last: number): void {
    for (let index = blockOf(Math.max(1, first)); index <= blockOf(last); index++) {
      const block = this.blocks.get(index)
      if (block) {
        this.blocks.delete(index)
        this.blocks.set(index, block)
      }
    }
  }

  /** The first stretch from first to last that is not there, up to the end of its block. */
  gap(first: number, last: number): { after: number; limit: number } | null {
    for (let number = Math.max(1, first); number <= Math.min(last, this.lastNumber); number++) {
      if (!this.get(number)) {
        return { after: number - 1, limit: blockOf(number) * blockSize + blockSize - number + 1 }
      }
    }

    return null
  }

  /** Takes a page that was asked for; numbers that the server does not have count as empty lines. */
  fill(after: number, page: LinePage): void {
    this.lastNumber = Math.max(this.lastNumber, page.last_number)
    this.put(page.items)
    const first = page.items[0]?.number ?? after + 2
    for (let number = after + 1; number < Math.min(first, this.lastNumber + 1); number++) {
      const block = this.blockFor(number)
      block[(number - 1) % blockSize] ??= { number, at: '', stream: 'system' as LogLine['stream'], text: '' }
    }
  }

  private blockFor(number: number): (LogLine | undefined)[] {
    const index = blockOf(number)
    let block = this.blocks.get(index)
    if (!block) {
      block = new Array<LogLine | undefined>(blockSize)
      this.blocks.set(index, block)
      if (this.blocks.size > maxBlocks) {
        this.blocks.delete(this.blocks.keys().next().value!)
      }
    }

    return block
  }
}

function blockOf(number: number): number {
  return Math.floor((number - 1) / blockSize)
}
