import type { Change } from '@/core/changes'

export type StreamMessage =
  | { kind: 'open'; isResumed: boolean }
  | { kind: 'change'; change: Change }
  | { kind: 'alive' }
  | { kind: 'reset' }
  | { kind: 'closed'; isSignedOut: boolean }

export interface StreamOptions {
  url?: string
  fetch?: typeof fetch
  /** Milliseconds without a byte after which the connection counts as dead: three heartbeats. */
  silence?: number
  minDelay?: number
  maxDelay?: number
}

/**
 * The stream of changes, reopened at the last position whenever it ends. It is read with fetch, because an EventSource tells neither the
 * status nor a heartbeat.
 */
export class ChangeStream {
  private position: number | null = null
  private abort: AbortController | null = null
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  private delay: number
  private isWanted = false
  private readonly options: Required<StreamOptions>

  constructor(
    private readonly emit: (message: StreamMessage) => void,
    options: StreamOptions = {},
  ) {
    this.options = {
      url: '/api/v1/changes',
      fetch: (...args) => fetch(...args),
      silence: 15_000,
      minDelay: 500,
      maxDelay: 10_000,
      ...options,
    }
    this.delay = this.options.minDelay
  }

  start(): void {
    this.isWanted = true
    if (!this.abort) {
      void this.connect()
    }
  }

  stop(): void {
    this.isWanted = false
    clearTimeout(this.retry)
    this.disconnect()
  }

  /** Tries at once instead of after the delay: the network is back, or the user looks. */
  nudge(): void {
    if (this.isWanted && !this.abort) {
      clearTimeout(this.retry)
      void this.connect()
    }
  }

  private disconnect(): void {
    clearTimeout(this.watchdog)
    this.abort?.abort()
    this.abort = null
  }

  private async connect(): Promise<void> {
    const abort = new AbortController()
    this.abort = abort
    let retryAfter: number | null = null
    let isSignedOut = false
    try {
      this.watch()
      const isResumed = this.position !== null
      const url = isResumed ? `${this.options.url}?cursor=${this.position}` : this.options.url
      const response = await this.options.fetch(url, {
        headers: { Accept: 'text/event-stream' },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: abort.signal,
      })
      isSignedOut = response.status === 401
      retryAfter = Number(response.headers.get('Retry-After')) || null
      if (response.ok && response.body) {
        this.delay = this.options.minDelay
        this.emit({ kind: 'open', isResumed })
        await this.read(response.body)
      }
    } catch {
      // The connection ended; how does not matter.
    }

    if (this.abort !== abort) {
      return
    }

    this.disconnect()
    this.emit({ kind: 'closed', isSignedOut })
    if (this.isWanted && !isSignedOut) {
      const wait = retryAfter ? retryAfter * 1000 : this.delay * (0.5 + Math.random())
      this.delay = Math.min(this.delay * 2, this.options.maxDelay)
      this.retry = setTimeout(() => void this.connect(), wait)
    }
  }

  private watch(): void {
    clearTimeout(this.watchdog)
    const abort = this.abort
    this.watchdog = setTimeout(() => abort?.abort(), this.options.silence)
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader()
    const parser = new EventParser((event, data) => this.receive(event, data))
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        return
      }

      this.watch()
      parser.push(value)
    }
  }

  private receive(event: string, data: string): void {
    const body = JSON.parse(data) as Change
    this.position = body.position
    if (event === 'change') {
      this.emit({ kind: 'change', change: body })
    } else if (event === 'heartbeat') {
      this.emit({ kind: 'alive' })
    } else if (event === 'reset') {
      this.emit({ kind: 'reset' })
    }
  }
}

/** Takes server-sent events apart: lines up to an empty one, in chunks that end anywhere. */
export class EventParser {
  private rest = ''
  private event = 'message'
  private data: string[] = []

  constructor(private readonly onEvent: (event: string, data: string) => void) {}

  push(chunk: string): void {
    const lines = (this.rest + chunk).split(/\r\n|\n/)
    this.rest = lines.pop()!
    for (const line of lines) {
      this.take(line)
    }
  }

  private take(line: string): void {
    if (line === '') {
      if (this.data.length > 0) {
        this.onEvent(this.event, this.data.join('\n'))
      }

      this.event = 'message'
      this.data = []
    } else if (line.startsWith('event:')) {
      this.event = line.slice(6).trimStart()
    } else if (line.startsWith('data:')) {
      this.data.push(line.slice(5).trimStart())
    }
  }
}
