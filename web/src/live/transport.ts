import { ChangeStream, type StreamMessage } from './stream'

/** What a page tells the owner of the stream: look now, or that the page goes away. */
export type PageMessage = 'nudge' | 'leave'

export interface Transport {
  send(message: PageMessage): void
}

type Emit = (message: StreamMessage) => void

/** One stream for the browser where it allows that: in a shared worker, or in the tab that holds a lock; otherwise one in each visible tab. */
export function connect(emit: Emit): Transport {
  if (typeof SharedWorker !== 'undefined') {
    return viaWorker(emit)
  }

  return navigator.locks && typeof BroadcastChannel !== 'undefined' ? viaLeader(emit) : viaOwnStream(emit)
}

function viaWorker(emit: Emit): Transport {
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'wombat-changes' })
  worker.port.onmessage = (event: MessageEvent<StreamMessage>) => emit(event.data)
  return { send: message => worker.port.postMessage(message) }
}

function viaLeader(emit: Emit): Transport {
  const channel = new BroadcastChannel('wombat-changes')
  let stream: ChangeStream | null = null
  let release = () => {}
  let request: AbortController | null = null

  channel.onmessage = ({ data }: MessageEvent<StreamMessage | PageMessage>) => {
    if (data === 'nudge') {
      stream?.nudge()
    } else if (data !== 'leave') {
      emit(data)
    }
  }

  function join(): void {
    if (request) {
      return
    }

    request = new AbortController()
    navigator.locks
      .request('wombat-changes', { signal: request.signal }, () => {
        stream = new ChangeStream(message => {
          channel.postMessage(message)
          emit(message)
        })
        stream.start()
        return new Promise<void>(resolve => (release = resolve))
      })
      .catch(() => {})
  }

  join()
  return {
    send(message) {
      if (message === 'leave') {
        request?.abort()
        request = null
        stream?.stop()
        stream = null
        release()
      } else {
        join()
        stream?.nudge()
        channel.postMessage(message)
      }
    },
  }
}

function viaOwnStream(emit: Emit): Transport {
  const stream = new ChangeStream(emit)
  const follow = () => (document.hidden ? stream.stop() : stream.start())
  document.addEventListener('visibilitychange', follow)
  follow()
  return {
    send: message => {
      if (message === 'leave') {
        stream.stop()
      } else if (!document.hidden) {
        stream.start()
        stream.nudge()
      }
    },
  }
}
