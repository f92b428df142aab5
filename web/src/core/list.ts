import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { toApiError } from './action'
import type { ListMeta } from './changes'
import { keys, type Noun } from './query'

export interface Page<Item> {
  items: Item[]
  next_cursor: string | null
  total?: number | null
}

export interface ListOptions<Item, Filter extends object> {
  noun: Noun
  /** Part of the key: what is asked for. */
  filter: MaybeRefOrGetter<Filter>
  fetch: (filter: Filter, cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>
  /** Reads one row again after a change, in a list of many pages. */
  readOne?: (id: string, signal: AbortSignal) => Promise<Item>
  isEnabled?: MaybeRefOrGetter<boolean>
}

/** A list by keyset pages. With another filter the rows until now stay until the new ones are there. */
export function useList<Item, Filter extends object>(options: ListOptions<Item, Filter>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.list(options.noun, toValue(options.filter) as Record<string, unknown>)),
    queryFn: ({ pageParam, signal }) => options.fetch(toValue(options.filter), pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page<Item>) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled: computed(() => toValue(options.isEnabled) ?? true),
    meta: { readOne: options.readOne } satisfies ListMeta,
  })
  return {
    rows: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    total: computed(() => query.data.value?.pages[0]?.total ?? null),
    isPending: query.isPending,
    isStale: query.isPlaceholderData,
    error: computed(() => (query.error.value ? toApiError(query.error.value) : null)),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    more: () => {
      if (query.hasNextPage.value && !query.isFetchingNextPage.value) {
        void query.fetchNextPage()
      }
    },
    refetch: () => void query.refetch(),
  }
}
