import { afterEach, expect, it, vi } from 'vitest'
import type { StreamMessage } from './stream'

const stream = vi.hoisted(() => ({ emit: null as unknown as (message: StreamMessage) => void, start: vi.fn(), stop: vi.fn(), nudge: vi.fn() }))
vi.mock('./stream', () => ({
  ChangeStream: class {
    constructor(emit: (message: StreamMessage) => void) {
      stream.emit = emit
    }

    start = stream.start
    stop = stream.stop
    nudge = stream.nudge
  },
}))

afterEach(() => vi.unstubAllGlobals())

it('tells a page that comes back to read everything again', async () => {
  const scope: { onconnect?: (event: { ports: unknown[] }) => void } = {}
  vi.stubGlobal('self', scope)
  await import('./worker')
  const port = { postMessage: vi.fn(), onmessage: null as unknown as (event: { data: string }) => void }
  scope.onconnect!({ ports: [port] })
  stream.emit({ kind: 'open', isResumed: false })
  port.onmessage({ data: 'nudge' })
  expect(port.postMessage).toHaveBeenCalledTimes(1)
  port.onmessage({ data: 'leave' })
  expect(stream.stop).toHaveBeenCalled()
  stream.emit({ kind: 'alive' })
  expect(port.postMessage).toHaveBeenCalledTimes(1)
  port.onmessage({ data: 'nudge' })
  expect(port.postMessage).toHaveBeenCalledTimes(1)
  stream.emit({ kind: 'open', isResumed: true })
  expect(port.postMessage).toHaveBeenLastCalledWith({ kind: 'open', isResumed: false })

  const other = { postMessage: vi.fn(), onmessage: null as unknown as (event: { data: string }) => void }
  scope.onconnect!({ ports: [other] })
  other.onmessage({ data: 'leave' })
  other.onmessage({ data: 'nudge' })
  expect(other.postMessage.mock.calls).toEqual([[{ kind: 'open', isResumed: false }], [{ kind: 'open', isResumed: false }]])
})
