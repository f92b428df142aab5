import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ApiError } from '@/api/http'
import { toApiError } from './action'

/** Asks the server what a form would do, 300 ms after the last change. body returns null while there is too little to ask. */
export function usePlan<Body, Plan>(body: () => Body | null, ask: (body: Body, signal: AbortSignal) => Promise<Plan>) {
  const plan = shallowRef<Plan | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const busy = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: AbortController | null = null

  function cancel(): void {
    clearTimeout(timer)
    running?.abort()
    running = null
  }

  async function read(current: Body): Promise<void> {
    const abort = (running = new AbortController())
    try {
      plan.value = await ask(current, abort.signal)
      error.value = null
    } catch (failure) {
      if (!abort.signal.aborted) {
        plan.value = null
        error.value = toApiError(failure)
      }
    } finally {
      if (running === abort) {
        busy.value = false
      }
    }
  }

  watch(
    () => JSON.stringify(body()),
    () => {
      cancel()
      const current = body()
      busy.value = current !== null
      if (current === null) {
        plan.value = null
        error.value = null
      } else {
        timer = setTimeout(() => void read(current), 300)
      }
    },
    { immediate: true },
  )
  onScopeDispose(cancel)
  return { plan, error, busy }
}
