import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { RunHits } from '@/api/client'
import { api, type ApiError } from '@/api/http'
import { toApiError } from '@/core/action'
import { statusFilter } from './runs'

/** Whoever sees this many runs rather changes the text than reads on. */
const runsAtOnce = 20

export interface RunSearchFilter {
  q?: string
  project?: string
  status?: string
}

/** Searches the logs of runs, the newest first, answer by answer until there are some to show. */
export function useRunSearch(filter: () => RunSearchFilter) {
  const items = shallowRef<RunHits[]>([])
  const searchedRuns = ref(0)
  const error = shallowRef<ApiError | null>(null)
  const isSearching = ref(false)
  const next = ref<string | null>(null)
  let stop = new AbortController()

  async function search(): Promise<void> {
    stop.abort()
    stop = new AbortController()
    const { signal } = stop
    const { q, project, status } = filter()
    const wanted = items.value.length + runsAtOnce
    error.value = null
    isSearching.value = true
    try {
      do {
        const limit = wanted - items.value.length
        const page = await api.searchRuns(q!, undefined, undefined, limit, next.value ?? undefined, project, undefined, statusFilter(status), ...unfiltered, signal)
        if (signal.aborted) {
          return
        }

        items.value = [...items.value, ...page.items]
        searchedRuns.value += page.searched_runs
        next.value = page.next_cursor
      } while (next.value !== null && items.value.length < wanted)
    } catch (thrown) {
      if (!signal.aborted) {
        error.value = toApiError(thrown)
      }
    } finally {
      isSearching.value &&= signal !== stop.signal
    }
  }

  function restart(): void {
    stop.abort()
    items.value = []
    searchedRuns.value = 0
    next.value = null
    error.value = null
    isSearching.value = false
    if (filter().q) {
      void search()
    }
  }

  watch(() => JSON.stringify(filter()), restart, { immediate: true })
  onScopeDispose(() => stop.abort())
  return { items, searchedRuns, error, isSearching, hasMore: computed(() => next.value !== null), more: search }
}

/** Who, when, exit code, host, approval, run on several hosts, and schedule. */
const unfiltered = [undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined] as const
