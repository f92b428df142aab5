import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChangeStream, EventParser, type StreamMessage } from './stream'

describe('EventParser', () => {
  it('takes events from chunks that end anywhere', () => {
    const found: [string, string][] = []
    const parser = new EventParser((event, data) => found.push([event, data]))
    for (const chunk of ['id: 1\nevent: cha', 'nge\ndata: {"a"', ':1}\n\n: note\n\nevent: heartbeat\r\ndata: {}\r\n\r', '\n']) {
      parser.push(chunk)
    }

    expect(found).toEqual([
      ['change', '{"a":1}'],
      ['heartbeat', '{}'],
    ])
  })
})

describe('ChangeStream', () => {
  const messages: StreamMessage[] = []
  const urls: string[] = []
  let respond: () => Response = () => new Response(null, { status: 502 })
  let stream: ChangeStream

  beforeEach(() => {
    vi.useFakeTimers()
    messages.length = 0
    urls.length = 0
    stream = new ChangeStream(message => messages.push(message), {
      fetch: async (url, init) => {
        urls.push(String(url))
        const response = respond()
        init?.signal?.addEventListener('abort', () => void response.body?.cancel().catch(() => {}))
        return response
      },
    })
  })
  afterEach(() => {
    stream.stop()
    vi.useRealTimers()
  })

  function events(text: string): Response {
    return new Response(new TextEncoder().encode(text))
  }

  it('resumes after the last position', async () => {
    respond = () => events('event: change\ndata: {"position":7,"type":"job","id":"a","project_id":null,"version":2}\n\n')
    stream.start()
    await vi.advanceTimersByTimeAsync(1)
    expect(messages.map(message => message.kind)).toEqual(['open', 'change', 'closed'])
    await vi.advanceTimersByTimeAsync(1000)
    expect(urls.slice(0, 2)).toEqual(['/api/v1/changes', '/api/v1/changes?cursor=7'])
    expect(messages[3]).toEqual({ kind: 'open', isResumed: true })
  })

  it('waits longer after each failure, up to ten seconds', async () => {
    respond = () => new Response(null, { status: 502 })
    stream.start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(urls.length).toBeGreaterThan(5)
    expect(urls.length).toBeLessThan(20)
  })

  it('stops after 401 until it is nudged', async () => {
    respond = () => new Response(null, { status: 401 })
    stream.start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(urls).toHaveLength(1)
    expect(messages).toEqual([{ kind: 'closed', isSignedOut: true }])
    stream.nudge()
    await vi.advanceTimersByTimeAsync(1)
    expect(urls).toHaveLength(2)
  })
})
