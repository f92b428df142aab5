import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { CommandKind, type CommandDto } from '@/api/client'
import { api } from '@/api/http'
import { keys } from '@/core/query'

/** The hosts on which a command may run now. */
export function useCommandHosts(command: () => CommandDto) {
  const isRemote = computed(() => command().kind === CommandKind.Ssh)
  const { data } = useQuery({
    queryKey: computed(() => keys.list('host', { of: command().id, version: command().version })),
    queryFn: ({ signal }) => api.listCommandHosts(command().id, signal),
    enabled: isRemote,
  })
  return { isRemote, hosts: computed(() => data.value?.items ?? []), isKnown: computed(() => !isRemote.value || data.value !== undefined) }
}
