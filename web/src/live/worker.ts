import { ChangeStream, type StreamMessage } from './stream'
import type { PageMessage } from './transport'

/** Owns the stream of all tabs of this browser. */
const scope = self as unknown as { onconnect: ((event: MessageEvent) => void) | null }
const ports = new Set<MessagePort>()
/** Pages that were away, as in the cache for Back, and may have missed what others got. */
const behind = new Set<MessagePort>()
let isOpen = false

const stream = new ChangeStream(message => {
  if (message.kind === 'open' || message.kind === 'closed') {
    isOpen = message.kind === 'open'
  }

  for (const port of ports) {
    const isBehind = message.kind === 'open' && behind.delete(port)
    port.postMessage(isBehind ? ({ kind: 'open', isResumed: false } satisfies StreamMessage) : message)
  }
})

scope.onconnect = event => {
  const port = event.ports[0]!
  ports.add(port)
  port.onmessage = ({ data }: MessageEvent<PageMessage>) => {
    if (data === 'leave') {
      ports.delete(port)
      if (ports.size === 0) {
        stream.stop()
        isOpen = false
      }
    } else {
      if (!ports.has(port) && isOpen) {
        port.postMessage({ kind: 'open', isResumed: false } satisfies StreamMessage)
      } else if (!ports.has(port)) {
        behind.add(port)
      }

      ports.add(port)
      stream.start()
      stream.nudge()
    }
  }
  if (isOpen) {
    // What this tab has read so far is older than the stream.
    port.postMessage({ kind: 'open', isResumed: false } satisfies StreamMessage)
  }

  stream.start()
}
