import { readonly, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { ApiError } from '@/api/http'
import { common } from '@/text/common'

export interface Action<Arguments extends unknown[]> {
  run: (...args: Arguments) => Promise<boolean>
  busy: Readonly<Ref<boolean>>
  error: Readonly<ShallowRef<ApiError | null>>
  reset: () => void
}

/** One asynchronous action: busy, failed, done. A second run while the first is busy does nothing. */
export function useAction<Arguments extends unknown[]>(work: (...args: Arguments) => Promise<unknown>): Action<Arguments> {
  const busy = ref(false)
  const error = shallowRef<ApiError | null>(null)

  async function run(...args: Arguments): Promise<boolean> {
    if (busy.value) {
      return false
    }

    busy.value = true
    error.value = null
    try {
      await work(...args)
      return true
    } catch (failure) {
      error.value = toApiError(failure)
      return false
    } finally {
      busy.value = false
    }
  }

  return { run, busy: readonly(busy), error, reset: () => (error.value = null) }
}

export function toApiError(failure: unknown): ApiError {
  return failure instanceof ApiError ? failure : new ApiError(common.errors.unexpected, 0, 'request_failed')
}
