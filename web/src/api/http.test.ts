import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, Http, newKey, secondsOf } from './http'

const answers: Response[] = []
const sent: { path: string; headers: Headers; credentials?: string }[] = []

beforeEach(() => {
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    sent.push({ path, headers: new Headers(init.headers), credentials: init.credentials })
    const answer = answers.shift()
    if (!answer) {
      throw new TypeError('Failed to fetch')
    }

    return answer
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  answers.length = 0
  sent.length = 0
})

function problem(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers })
}

function session(http: Http, recover: () => Promise<void> = async () => {}) {
  http.session = { csrfToken: 'first', recover, refresh: async () => {} }
}

describe('Http', () => {
  it('throws what the server said', async () => {
    answers.push(problem(400, { detail: 'No.', code: 'validation_failed', trace_id: 't', errors: { name: ['is taken'] } }, { 'Retry-After': '7' }))
    const error = (await new Http().fetch('/x').catch((e: unknown) => e)) as ApiError
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 400, message: 'No.', traceId: 't', errors: { name: ['is taken'] }, retryAfter: 7 })
  })

  it('tells that the server cannot be reached', async () => {
    await expect(new Http().fetch('/x')).rejects.toMatchObject({ status: 0, code: 'unreachable', retryable: true })
  })

  it('sends the CSRF token with changes only, and no empty headers', async () => {
    const http = new Http()
    session(http)
    answers.push(new Response('{}'), new Response('{}'))
    await http.fetch('/x', { headers: { 'If-None-Match': '' } })
    await http.fetch('/x', { method: 'POST' })
    expect(sent[0]!.headers.has('X-CSRF-Token')).toBe(false)
    expect(sent[0]!.headers.has('If-None-Match')).toBe(false)
    expect(sent[1]!.headers.get('X-CSRF-Token')).toBe('first')
  })

  it('repeats a request after a lost session, with the new token', async () => {
    const http = new Http()
    session(http, async () => {
      http.session!.csrfToken = 'second'
    })
    answers.push(problem(401, { code: 'unauthenticated' }), new Response('{"done":true}'))
    const response = await http.fetch('/x', { method: 'POST' })
    expect(await response.json()).toEqual({ done: true })
    expect(sent.map(request => request.headers.get('X-CSRF-Token'))).toEqual(['first', 'second'])
  })

  it('sends a token without the cookie', async () => {
    answers.push(new Response('{}'))
    await new Http('secret').fetch('/x')
    expect(sent[0]!.headers.get('Authorization')).toBe('Bearer secret')
    expect(sent[0]!.credentials).toBe('omit')
  })

  it('keeps the ETag of a read', async () => {
    const http = new Http()
    answers.push(new Response('{}', { headers: { ETag: '"1"' } }))
    await http.fetch('/x')
    expect(http.etag('/x')).toBe('"1"')
  })
})

it('reads Retry-After as seconds or as a date', () => {
  expect(secondsOf('3')).toBe(3)
  expect(secondsOf(null)).toBeNull()
  expect(secondsOf(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(50)
})

it('makes keys that differ', () => {
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/)
  expect(newKey()).not.toBe(newKey())
})
