import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { toApiError } from './action'
import { keys, type Noun } from './query'

/** One object by its id, read again when it changes. part names what is below the object, such as its budget. */
export function useObject<Item>(
  noun: Noun,
  id: MaybeRefOrGetter<string>,
  fetch: (id: string, signal: AbortSignal) => Promise<Item>,
  options: { part?: string[]; isEnabled?: MaybeRefOrGetter<boolean> } = {},
) {
  const query = useQuery({
    queryKey: computed(() => keys.one(noun, toValue(id), ...(options.part ?? []))),
    queryFn: ({ signal }) => fetch(toValue(id), signal),
    enabled: computed(() => toValue(id) !== '' && (toValue(options.isEnabled) ?? true)),
  })
  return {
    data: query.data,
    isPending: query.isPending,
    error: computed(() => (query.error.value && query.data.value === undefined ? toApiError(query.error.value) : null)),
    refetch: () => void query.refetch(),
  }
}
