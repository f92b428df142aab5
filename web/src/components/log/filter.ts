import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { toApiError } from '@/core/action'
import { useNotices } from '@/core/notices'
import { searchFor } from './server'
import { FilteredLines } from './source'
import { streamsOf, type StreamMode } from './streams'
import { text } from './text'

/** The lines of the chosen streams; null while all are shown. They are read page by page. */
export function useStreamFilter(jobId: string, onLoaded: () => void) {
  const streams = ref<StreamMode>('all')
  const filter = shallowRef<FilteredLines | null>(null)
  let abort = new AbortController()
  let loading: Promise<void> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read(lines: FilteredLines, signal: AbortSignal): Promise<void> {
    try {
      await lines.more(signal)
      if (lines.isFull) {
        useNotices().show(text.filterFull)
      }
    } catch (failure) {
      if (!signal.aborted) {
        useNotices().show(toApiError(failure).message, { isError: true })
      }
    }
  }

  /** Reads one more page. */
  function more(): Promise<void> {
    const lines = filter.value
    if (!lines || lines.isFull) {
      return Promise.resolve()
    }

    const { signal } = abort
    loading ??= read(lines, signal).finally(() => {
      if (!signal.aborted) {
        loading = null
        onLoaded()
      }
    })
    return loading
  }

  /** Reads on up to a line. */
  async function moreTo(number: number): Promise<void> {
    const lines = filter.value
    while (lines && lines === filter.value && lines.lastNumber < number && !lines.isFull) {
      const before = lines.lastNumber
      await more()
      if (lines.lastNumber === before) {
        return
      }
    }
  }

  /** New lines were written. */
  function moreSoon(): void {
    if (filter.value?.isComplete) {
      clearTimeout(timer)
      timer = setTimeout(() => void more(), 500)
    }
  }

  watch(
    streams,
    mode => {
      abort.abort()
      abort = new AbortController()
      loading = null
      const chosen = streamsOf(mode)
      filter.value = chosen && new FilteredLines(searchFor(jobId, '', false, chosen))
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => {
    abort.abort()
    clearTimeout(timer)
  })
  return { streams, filter, more, moreTo, moreSoon }
}
