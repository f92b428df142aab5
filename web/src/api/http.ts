import { type ErrorCode, type ProblemDetails, WombatClient } from './client'

/** A request that failed: what the server said of it, or that it could not be reached. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** The HTTP status; 0 where there was no answer. */
    readonly status: number,
    readonly code: ErrorCode | `${ErrorCode}` | 'unreachable',
    /** Messages by the name of the field. */
    readonly errors: Record<string, string[]> = {},
    readonly traceId: string | null = null,
    /** Seconds until the request may be repeated, if the server told. */
    readonly retryAfter: number | null = null,
  ) {
    super(message)
    this.name = 'ApiError'
  }

  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }

  static async from(response: Response): Promise<ApiError> {
    const problem = await readProblem(response)
    return new ApiError(
      problem?.detail || problem?.title || `HTTP ${response.status}`,
      response.status,
      problem?.code ?? 'request_failed',
      (problem?.errors as Record<string, string[]> | undefined) ?? {},
      problem?.trace_id ?? response.headers.get('Trace-Id'),
      secondsOf(response.headers.get('Retry-After')),
    )
  }
}

async function readProblem(response: Response): Promise<ProblemDetails | null> {
  try {
    return (await response.json()) as ProblemDetails
  } catch {
    return null
  }
}

export function secondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) {
    return null
  }

  const seconds = Number(retryAfter)
  return Number.isFinite(seconds) ? seconds : Math.max(0, (Date.parse(retryAfter) - Date.now()) / 1000) || null
}

/** What the session store adds to requests. */
export interface HttpSession {
  csrfToken: string | null
  /** Resolves when the user has signed in again; rejects when they do not. */
  recover(): Promise<void>
  /** Reads the CSRF token again: another tab may have signed in since. */
  refresh(): Promise<void>
}

const sessionPath = '/api/v1/session'

export class Http {
  session: HttpSession | null = null
  private readonly etags = new Map<string, string>()

  /** With a token the requests do without the session's cookie. */
  constructor(private readonly token?: string) {}

  /** The ETag of the last answer of a GET of this path, for If-Match. */
  etag(path: string): string | undefined {
    return this.etags.get(path)
  }

  fetch = async (url: RequestInfo, init: RequestInit = {}): Promise<Response> => {
    const path = String(url)
    let refreshed = false
    for (;;) {
      const response = await this.send(path, init)
      if (response.ok) {
        this.remember(path, init, response)
        return response
      }

      const error = await ApiError.from(response)
      if (error.status === 401 && path !== sessionPath && this.session) {
        await this.session.recover()
      } else if (error.code === 'csrf_token_missing' && this.session && !refreshed) {
        refreshed = true
        await this.session.refresh()
      } else {
        throw error
      }
    }
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    // The generated client sends parameters that are absent as empty headers.
    for (const [name, value] of [...headers]) {
      if (value === '') {
        headers.delete(name)
      }
    }

    const method = init.method ?? 'GET'
    if (method !== 'GET' && method !== 'HEAD' && this.session?.csrfToken) {
      headers.set('X-CSRF-Token', this.session.csrfToken)
    }

    if (this.token !== undefined) {
      headers.set('Authorization', `Bearer ${this.token}`)
    }

    try {
      return await fetch(path, { ...init, credentials: this.token === undefined ? 'same-origin' : 'omit', headers })
    } catch (error) {
      if (init.signal?.aborted) {
        throw error
      }

      throw new ApiError('The server cannot be reached.', 0, 'unreachable')
    }
  }

  private remember(path: string, init: RequestInit, response: Response): void {
    const etag = response.headers.get('ETag')
    if ((init.method ?? 'GET') === 'GET' && etag) {
      this.etags.set(path, etag)
    }
  }
}

export const http = new Http()

/** The API. Every operation throws ApiError. */
export const api = new WombatClient('', http)

/** The API with an access token instead of the session. */
export function apiWith(token: string): WombatClient {
  return new WombatClient('', new Http(token))
}

/** A value for Idempotency-Key: a request that is repeated with it changes nothing. */
export function newKey(): string {
  // crypto.randomUUID is missing on plain http.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}
