import { describe, expect, it } from 'vitest'
import { LogStream, type LogLine } from '@/api/client'
import type { ApiError } from '@/api/http'
import { plainText, segmentsOf, withMarks } from './ansi'
import { blockSize, LogBlocks } from './blocks'
import { countMatches, findNext, type Search, type SearchPart } from './find'
import { LogFollower } from './follow'
import { hashOf, quote, rangeOf } from './lines'
import { lineHeight, maxHeight, ScrollPlace } from './scroll'
import { FilteredLines } from './source'
import { formatTime } from './times'
import { topForEnd } from './wrap'

function line(number: number, text = `line ${number}`, stream = LogStream.Stdout): LogLine {
  return { number, at: '2026-11-27T10:00:00Z', stream, text }
}

function lines(first: number, last: number): LogLine[] {
  return Array.from({ length: last - first + 1 }, (_, index) => line(first + index))
}

const signal = new AbortController().signal

describe('LogBlocks', () => {
  it('asks for what is missing up to the end of a block', () => {
    const blocks = new LogBlocks()
    blocks.fill(4000, { items: lines(4001, 5000), last_number: 5000 })
    expect(blocks.gap(4500, 4600)).toBeNull()
    expect(blocks.gap(1200, 1240)).toEqual({ after: 1199, limit: 801 })
  })

  it('goes on after a page that was shorter than asked', () => {
    const blocks = new LogBlocks()
    blocks.fill(0, { items: lines(1, 64), last_number: 900 })
    expect(blocks.gap(50, 80)).toEqual({ after: 64, limit: 936 })
  })

  it('does not ask forever for numbers that the server does not have', () => {
    const blocks = new LogBlocks()
    blocks.fill(9, { items: [line(13)], last_number: 20 })
    expect(blocks.get(10)?.text).toBe('')
    expect(blocks.gap(10, 13)).toBeNull()
  })

  it('keeps what is in view while a long log arrives', () => {
    const blocks = new LogBlocks()
    blocks.put(lines(1, blockSize))
    for (let block = 1; block <= 80; block++) {
      blocks.touch(1, 50)
      blocks.put(lines(block * blockSize + 1, (block + 1) * blockSize))
    }

    expect(blocks.get(1)).toBeDefined()
    expect(blocks.get(blockSize + 1)).toBeUndefined()
    expect(blocks.lastNumber).toBe(81 * blockSize)
  })
})

describe('ScrollPlace', () => {
  function placeOf(count: number): ScrollPlace {
    const place = new ScrollPlace()
    place.lines = count
    place.viewport = 600
    return place
  }

  it('is the place of the bar in a list that fits', () => {
    const place = placeOf(1000)
    place.scrolled(4000)
    expect(place.firstLine).toBe(201)
    expect(place.spacer).toBe(20_000)
  })

  it('never makes an element higher than a browser shows', () => {
    expect(placeOf(5_000_000).spacer).toBe(maxHeight)
  })

  it('reaches every line of a list that is higher, and moves by pixels from there', () => {
    const place = placeOf(5_000_000)
    const bar = place.moveTo(499_999 * lineHeight)
    expect(place.firstLine).toBe(500_000)
    place.scrolled(bar + 100)
    expect(place.top).toBe(499_999 * lineHeight + 100)
  })

  it('takes a jump of the bar as a share of the whole', () => {
    const place = placeOf(5_000_000)
    place.scrolled((maxHeight - 600) / 2)
    expect(place.firstLine).toBeGreaterThan(2_499_000)
    expect(place.firstLine).toBeLessThan(2_501_000)
    place.scrolled(maxHeight - 600)
    expect(place.lastLine).toBe(5_000_000)
    expect(place.isAtEnd).toBe(true)
  })

  it('puts the bar where it belongs after a movement', () => {
    const place = placeOf(5_000_000)
    place.scrolled(1000)
    expect(place.align()).toBe(100)
  })
})

describe('segmentsOf', () => {
  it('gives colours classes', () => {
    expect(segmentsOf('\x1b[1;31mfailed\x1b[0m at once')).toEqual([
      { text: 'failed', classes: 'fg-red ansi-bold' },
      { text: ' at once', classes: '' },
    ])
  })

  it('takes the nearest of the eight for other colours', () => {
    expect(segmentsOf('\x1b[38;5;196mred\x1b[0m')[0]!.classes).toBe('fg-red')
    expect(segmentsOf('\x1b[38;2;10;200;20mgreen\x1b[0m')[0]!.classes).toBe('fg-green')
    expect(segmentsOf('\x1b[93myellow\x1b[0m')[0]!.classes).toBe('fg-yellow')
  })

  it('leaves out what only a terminal carries out', () => {
    expect(plainText('\x1b[2K\x1b[1Gdone\x1b]0;title\x07\x1b[32m!\x1b[0m\x08')).toBe('done!')
  })

  it('keeps markup as text', () => {
    expect(segmentsOf('<img src=x onerror=alert(1)>')[0]!.text).toBe('<img src=x onerror=alert(1)>')
  })

  it('marks matches across parts', () => {
    const marked = withMarks(segmentsOf('\x1b[31mfai\x1b[32mled\x1b[0m build'), 'FAILED')
    expect(marked.filter(part => part.classes.includes('mark')).map(part => part.text)).toEqual(['fai', 'led'])
    expect(marked.map(part => part.text).join('')).toBe('failed build')
  })
})

describe('find', () => {
  const matching = [5, 9, 40]
  const asked: SearchPart[] = []

  /** A server that searches ten lines of a log of 50 at a time. */
  const search: Search = async part => {
    asked.push(part)
    const step = part.isBackward ? -1 : 1
    const [start, end] = [part.from ?? (part.isBackward ? 50 : 1), part.to ?? (part.isBackward ? 1 : 50)]
    const items = []
    let number = start
    for (; (end - number) * step >= 0 && Math.abs(number - start) < 10; number += step) {
      if (matching.includes(number)) {
        items.push({ ...line(number), match_start: 0 })
      }

      if (part.limit > 0 && items.length === part.limit) {
        number += step
        break
      }
    }

    return { items: part.limit === 0 ? [] : items, count: items.length, last_number: 50, next: (end - number) * step >= 0 ? number : null }
  }

  it('finds the next match on both sides, and around the ends', async () => {
    expect(await findNext(search, 6, 1, signal)).toEqual({ number: 9, isAround: false })
    expect(await findNext(search, 10, 1, signal)).toEqual({ number: 40, isAround: false })
    expect(await findNext(search, 41, 1, signal)).toEqual({ number: 5, isAround: true })
    expect(await findNext(search, 39, -1, signal)).toEqual({ number: 9, isAround: false })
    expect(await findNext(search, 4, -1, signal)).toEqual({ number: 40, isAround: true })
    expect(await findNext(search, 0, -1, signal)).toEqual({ number: 40, isAround: true })
  })

  it('counts a part over several answers', async () => {
    expect(await countMatches(search, 1, null, signal)).toEqual({ count: 3, last: 50 })
    expect(await countMatches(search, 6, 9, signal)).toEqual({ count: 1, last: 9 })
    asked.length = 0
    await countMatches(search, 1, null, signal)
    expect(asked.map(part => part.from)).toEqual([1, 11, 21, 31, 41])
  })

  it('finds nothing in a log without a match', async () => {
    expect(await findNext(async () => ({ items: [], count: 0, last_number: 50, next: null }), 1, 1, signal)).toBeNull()
  })
})

describe('FilteredLines', () => {
  it('reads the lines of a stream page by page, and what is new', async () => {
    const pages = [
      { items: [3, 8].map(number => ({ ...line(number), match_start: 0 })), count: 2, last_number: 20, next: 9 },
      { items: [{ ...line(12), match_start: 0 }], count: 1, last_number: 20, next: null },
      { items: [{ ...line(25), match_start: 0 }], count: 1, last_number: 30, next: null },
    ]
    const from: (number | undefined)[] = []
    const filtered = new FilteredLines(async part => {
      from.push(part.from)
      return pages.shift()!
    })
    await filtered.more(signal)
    expect([filtered.isComplete, filtered.lastNumber]).toEqual([false, 8])
    await filtered.more(signal)
    expect([filtered.isComplete, filtered.lastNumber, filtered.count]).toEqual([true, 20, 3])
    await filtered.more(signal)
    expect(from).toEqual([1, 9, 21])
    expect([1, 3, 4, 8, 9, 26].map(number => filtered.placeOf(number))).toEqual([1, 1, 2, 2, 3, 5])
    expect(filtered.numberAt(4)).toBe(25)
    expect(filtered.textsIn(4, 12)).toEqual(['line 8', 'line 12'])
  })
})

describe('wrap', () => {
  it('puts the last line at the bottom', () => {
    expect(topForEnd([20, 20, 20, 20, 20], 100, 60)).toBe(97 * lineHeight)
    expect(topForEnd([20, 20, 60, 20], 100, 50)).toBe((98 + 0.5) * lineHeight)
    expect(topForEnd([20, 20], 2, 600)).toBe(0)
  })
})

describe('lines', () => {
  it('reads and writes addresses of lines', () => {
    expect(rangeOf('#L120')).toEqual({ first: 120, last: 120 })
    expect(rangeOf('#L140-L120')).toEqual({ first: 120, last: 140 })
    expect(rangeOf('#L0')).toBeNull()
    expect(rangeOf('#other')).toBeNull()
    expect(hashOf({ first: 120, last: 140 })).toBe('#L120-L140')
  })

  it('quotes with the link', () => {
    expect(quote(['a', 'b'], 'http://host/jobs/1#L1-L2')).toBe('> a\n> b\n\nhttp://host/jobs/1#L1-L2')
  })

  it('shows times since the start', () => {
    expect(formatTime('2026-11-27T11:01:02.500Z', 'relative', '2026-11-27T10:00:00Z')).toBe('1:01:02.50')
    expect(formatTime('2026-11-27T10:00:01Z', 'relative', '2026-11-27T10:00:02Z')).toBe('00:00.00')
  })
})

describe('LogFollower', () => {
  function stream(text: string): Response {
    return new Response(text, { headers: { 'Content-Type': 'text/event-stream' } })
  }

  it('resumes after the last line until the job has ended', async () => {
    const asked: string[] = []
    const answers = [
      stream(`id: 2\ndata: ${JSON.stringify([line(1), line(2)])}\n\n`),
      stream(`id: 3\ndata: ${JSON.stringify([line(3)])}\n\nevent: end\ndata: {"status":"succeeded"}\n\n`),
    ]
    const received: number[] = []
    const status = await new Promise<string>(resolve => {
      new LogFollower({
        jobId: 'j',
        after: () => received.at(-1) ?? 0,
        onLines: arrived => received.push(...arrived.map(one => one.number)),
        onEnd: end => resolve(end.status),
        onBroken: () => {},
        onRefused: () => {},
        onSignedOut: async () => {},
        fetch: async (_, init) => {
          asked.push(new Headers(init?.headers).get('Last-Event-ID')!)
          return answers.shift()!
        },
      }).start()
    })
    expect(status).toBe('succeeded')
    expect(received).toEqual([1, 2, 3])
    expect(asked).toEqual(['0', '2'])
  })

  /** Follows until the log is refused or has ended, and tells what happened. */
  async function followed(answers: Response[]): Promise<string[]> {
    const seen: string[] = []
    await new Promise<void>(resolve => {
      const followedOnce = {
        jobId: 'j',
        after: () => 0,
        onLines: () => {},
        onBroken: (isBroken: boolean) => seen.push(isBroken ? 'broken' : 'open'),
        onSignedOut: async () => void seen.push('signed out'),
        onEnd: () => {
          seen.push('ended')
          resolve()
        },
        onRefused: (error: ApiError) => {
          seen.push(`refused ${error.status}`)
          resolve()
        },
        fetch: async () => answers.shift()!,
      }
      new LogFollower(followedOnce).start()
    })
    return seen
  }

  it('waits for a new session, and goes on', async () => {
    const ended = stream('event: end\ndata: {"status":"succeeded"}\n\n')
    expect(await followed([new Response('{}', { status: 401 }), ended])).toEqual(['signed out', 'broken', 'open', 'ended'])
  })

  it('stops where the log may not be read', async () => {
    expect(await followed([new Response('{}', { status: 403 })])).toEqual(['refused 403'])
  })

  it('waits as long as the server says', async () => {
    const begin = Date.now()
    await followed([new Response('{}', { status: 429, headers: { 'Retry-After': '1' } }), new Response('{}', { status: 404 })])
    expect(Date.now() - begin).toBeGreaterThanOrEqual(990)
  })
})
