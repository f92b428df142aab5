import type { JobErrorDto, JobState, LogLine } from '@/api/client'
import { ApiError } from '@/api/http'
import { EventParser } from '@/live/stream'

export interface LogEnd {
  status: JobState
  error?: JobErrorDto
}

export interface FollowOptions {
  jobId: string
  /** The number of the last line that is there; read whenever the stream is opened. */
  after: () => number
  /** Parameters of the address; read whenever the stream is opened. */
  query?: () => string
  onLines: (lines: LogLine[]) => void
  onEnd: (end: LogEnd) => void
  onBroken: (isBroken: boolean) => void
  /** The log cannot be read, and will not be by trying again. */
  onRefused: (error: ApiError) => void
  /** Waited for when nobody is signed in. */
  onSignedOut: () => Promise<void>
  fetch?: typeof fetch
}

/** Reads the lines of a running job as they are written, resumed after the last one, while it is started. */
export class LogFollower {
  private abort: AbortController | null = null
  private retry: ReturnType<typeof setTimeout> | undefined
  private delay = 500
  private hasEnded = false

  constructor(private readonly options: FollowOptions) {}

  start(): void {
    if (!this.abort && !this.hasEnded) {
      clearTimeout(this.retry)
      void this.connect()
    }
  }

  stop(): void {
    clearTimeout(this.retry)
    this.abort?.abort()
    this.abort = null
  }

  /** The job has begun again. */
  reset(): void {
    this.hasEnded = false
  }

  private async connect(): Promise<void> {
    const abort = (this.abort = new AbortController())
    let failure: ApiError | null = null
    try {
      const response = await (this.options.fetch ?? fetch)(`/api/v1/jobs/${this.options.jobId}/log${this.options.query?.() ?? ''}`, {
        headers: { Accept: 'text/event-stream', 'Last-Event-ID': String(this.options.after()) },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: abort.signal,
      })
      if (response.ok && response.body) {
        this.delay = 500
        this.options.onBroken(false)
        await this.read(response.body)
      } else {
        failure = await ApiError.from(response)
      }

      if (failure?.status === 401) {
        await this.options.onSignedOut()
      }
    } catch {
      // The connection ended; how does not matter.
    }

    if (this.abort !== abort) {
      return
    }

    this.abort = null
    if (failure && failure.status !== 401 && !failure.retryable) {
      this.options.onRefused(failure)
    } else if (!this.hasEnded) {
      this.options.onBroken(true)
      const wait = failure?.retryAfter ? failure.retryAfter * 1000 : this.delay * (0.5 + Math.random())
      this.retry = setTimeout(() => void this.connect(), wait)
      this.delay = Math.min(this.delay * 2, 10_000)
    }
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader()
    const parser = new EventParser((event, data) => {
      if (event === 'end') {
        this.hasEnded = true
        this.options.onEnd(JSON.parse(data) as LogEnd)
      } else {
        this.options.onLines(JSON.parse(data) as LogLine[])
      }
    })
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        return
      }

      parser.push(value)
    }
  }
}
