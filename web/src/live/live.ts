import { defineStore } from 'pinia'
import { ref } from 'vue'
import { ChangeApplier, type Change } from '@/core/changes'
import { queryClient, readShown } from '@/core/query'
import { useSession } from '@/core/session'
import type { StreamMessage } from './stream'
import { connect, type Transport } from './transport'

/** Whether changes arrive, and since when not. */
export const useLive = defineStore('live', () => {
  const isOpen = ref(false)
  /** When something last arrived; until then, when the stream was first asked for. */
  const lastAt = ref(0)
  const hasArrived = ref(false)
  const applier = new ChangeApplier(queryClient)
  const listeners = new Set<(change: Change) => void>()
  const session = useSession()
  let transport: Transport | null = null
  let isAsking = false

  function start(): void {
    if (transport) {
      nudge()
      return
    }

    lastAt.value = Date.now()
    transport = connect(receive)
    document.addEventListener('visibilitychange', nudge)
    window.addEventListener('online', nudge)
    window.addEventListener('pageshow', event => {
      if (event.persisted && session.phase === 'anonymous') {
        // Back after the sign-out: what the page still shows belongs to nobody.
        location.reload()
      }

      nudge()
    })
    window.addEventListener('pagehide', () => transport?.send('leave'))
    setInterval(readWithoutStream, 10_000)
  }

  function nudge(): void {
    // Without a session the stream is refused again.
    if (!document.hidden && session.phase === 'signed-in') {
      transport?.send('nudge')
    }
  }

  /** A query looks at its own interval only when it is read, so that one which is idle would not notice the end of the stream. */
  function readWithoutStream(): void {
    if (!isOpen.value && !document.hidden && session.phase === 'signed-in') {
      void readShown(queryClient)
    }
  }

  function receive(message: StreamMessage): void {
    if (message.kind === 'closed') {
      isOpen.value = false
      if (message.isSignedOut) {
        void signInAgain()
      }

      return
    }

    const opened = message.kind === 'open' && !message.isResumed
    isOpen.value = true
    hasArrived.value = true
    lastAt.value = Date.now()
    if (message.kind === 'change') {
      applier.add(message.change)
      if (message.change.type === 'user' && message.change.id !== null && message.change.id === session.user?.id) {
        // Such as another name, or the role of an admin.
        void session.check()
      }

      listeners.forEach(listener => listener(message.change))
    } else if (message.kind === 'reset' || opened) {
      applier.reset()
    }
  }

  async function signInAgain(): Promise<void> {
    if (isAsking) {
      return
    }

    isAsking = true
    try {
      await session.check()
    } finally {
      isAsking = false
    }

    // Not at once: where the session holds and the stream is refused nevertheless, this comes round again.
    setTimeout(nudge, 1000)
  }

  /** Calls a function for each change, as for a page that follows one job. Returns what ends that. */
  function onChange(listener: (change: Change) => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return { isOpen, lastAt, hasArrived, start, onChange }
})
