import { QueryObserver } from '@tanstack/vue-query'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { queryClient } from '@/core/query'
import { useSession } from '@/core/session'
import { useLive } from './live'
import type { StreamMessage } from './stream'
import type { PageMessage } from './transport'

const stream = vi.hoisted(() => ({ emit: null as unknown as (message: StreamMessage) => void, sent: [] as PageMessage[], onSend: null as unknown as (message: PageMessage) => unknown }))
vi.mock('./transport', () => ({
  connect: (emit: (message: StreamMessage) => void) => {
    stream.emit = emit
    return {
      send: (message: PageMessage) => {
        stream.sent.push(message)
        stream.onSend(message)
      },
    }
  },
}))

const identity = { user: { id: 'u', login: 'ann' }, is_admin: false, csrf_token: 't' }

describe('useLive', () => {
  const requests: string[] = []
  let answer: () => Response

  beforeEach(async () => {
    vi.useFakeTimers()
    vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
      requests.push(`${init?.method ?? 'GET'} ${path}`)
      return init?.method === 'POST' ? Response.json(identity, { status: 201 }) : answer()
    })
    answer = () => Response.json(identity)
    stream.onSend = () => undefined
    setActivePinia(createPinia())
    await useSession().signIn('ann', 'secret')
    useLive().start()
    stream.emit({ kind: 'open', isResumed: true })
    requests.length = 0
    stream.sent.length = 0
  })
  afterEach(() => {
    queryClient.clear()
    vi.clearAllTimers()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('asks once for a session that is lost, and for the stream when it is there again', async () => {
    stream.onSend = message => message === 'nudge' && void Promise.resolve().then(() => stream.emit({ kind: 'closed', isSignedOut: true }))
    answer = () => new Response('{}', { status: 401 })
    stream.emit({ kind: 'closed', isSignedOut: true })
    await vi.advanceTimersByTimeAsync(30_000)
    expect(useSession().phase).toBe('lost')
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(new Event('online'))
    stream.emit({ kind: 'closed', isSignedOut: true })
    await vi.advanceTimersByTimeAsync(30_000)
    expect(requests).toEqual(['GET /api/v1/session'])
    expect(stream.sent).toEqual([])

    stream.onSend = () => undefined
    await useSession().signIn('ann', 'secret')
    await vi.advanceTimersByTimeAsync(2000)
    expect(stream.sent).toEqual(['nudge'])
  })

  it('reads the identity again when the own user changes', async () => {
    const change = { position: 1, type: 'user', id: 'other', project_id: null, version: 2 }
    stream.emit({ kind: 'change', change })
    expect(requests).toEqual([])
    answer = () => Response.json({ ...identity, is_admin: true })
    stream.emit({ kind: 'change', change: { ...change, id: 'u' } })
    await vi.advanceTimersByTimeAsync(10)
    expect(requests).toEqual(['GET /api/v1/session'])
    expect(useSession().isAdmin).toBe(true)
  })

  it('does not ask without end for a stream that is refused to a session that holds', async () => {
    stream.onSend = message => message === 'nudge' && void Promise.resolve().then(() => stream.emit({ kind: 'closed', isSignedOut: true }))
    stream.emit({ kind: 'closed', isSignedOut: true })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(stream.sent.length).toBeLessThan(12)
    expect(requests.length).toBeLessThan(13)
  })

  it('reads what is shown again while there is no stream, but not lists of many pages', async () => {
    const short = vi.fn(async () => ({ pages: [{}, {}] }))
    const long = vi.fn(async () => ({ pages: [{}, {}, {}] }))
    const fixed = vi.fn(async () => ({}))
    const stops = [
      new QueryObserver(queryClient, { queryKey: ['short'], queryFn: short }),
      new QueryObserver(queryClient, { queryKey: ['long'], queryFn: long }),
      new QueryObserver(queryClient, { queryKey: ['fixed'], queryFn: fixed, refetchInterval: false }),
    ].map(observer => observer.subscribe(() => {}))
    await vi.advanceTimersByTimeAsync(25_000)
    expect(short).toHaveBeenCalledTimes(1)
    stream.emit({ kind: 'closed', isSignedOut: false })
    await vi.advanceTimersByTimeAsync(20_000)
    stops.forEach(stop => stop())
    expect(short).toHaveBeenCalledTimes(3)
    expect(long).toHaveBeenCalledTimes(1)
    expect(fixed).toHaveBeenCalledTimes(1)
  })
})
