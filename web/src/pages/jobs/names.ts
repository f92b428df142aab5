import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '@/api/http'
import { keys } from '@/core/query'

const limit = 200
const options = { staleTime: 60_000, refetchInterval: false } as const

/** Names of the newest projects, containers and databases by their ids: jobs tell ids only. */
export function useNames() {
  const projects = useQuery({
    queryKey: keys.list('project', { names: limit }),
    queryFn: ({ signal }) => api.listProjects(limit, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, signal),
    ...options,
  })
  const containers = useQuery({
    queryKey: keys.list('container', { names: limit }),
    queryFn: ({ signal }) => api.listContainers(limit, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, signal),
    ...options,
  })
  const databases = useQuery({
    queryKey: keys.list('database', { names: limit }),
    queryFn: ({ signal }) => api.listDatabases(limit, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, signal),
    ...options,
  })
  const names = computed(
    () =>
      new Map(
        [projects, containers, databases].flatMap(query => query.data.value?.items.map(item => [item.id, item.name] as const) ?? []),
      ),
  )
  return { nameOf: (id: string | null) => (id ? names.value.get(id) : undefined) }
}
