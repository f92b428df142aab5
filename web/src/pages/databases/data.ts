import { useQuery } from '@tanstack/vue-query'
import { computed, inject, provide, type ComputedRef, type InjectionKey, toValue, type MaybeRefOrGetter } from 'vue'
import type { AcceptedDatabase, DatabaseDto } from '@/api/client'
import { api } from '@/api/http'
import { toApiError } from '@/core/action'
import { useObject } from '@/core/object'
import { keys, queryClient } from '@/core/query'
import { useFollowedJobs } from '@/pages/jobs/followed'

const databaseKey: InjectionKey<ComputedRef<DatabaseDto>> = Symbol('database')

/** Gives the database of the page to its tabs. */
export function provideDatabase(database: ComputedRef<DatabaseDto>): void {
  provide(databaseKey, database)
}

export function useDatabase(): ComputedRef<DatabaseDto> {
  return inject(databaseKey)!
}

export function useTiers() {
  const query = useQuery({ queryKey: keys.list('tier'), queryFn: ({ signal }) => api.listTiers(signal) })
  return {
    tiers: computed(() => query.data.value?.items ?? []),
    isPending: query.isPending,
    error: computed(() => (query.error.value && !query.data.value ? toApiError(query.error.value) : null)),
    refetch: () => void query.refetch(),
  }
}

export function useBudget(projectId: MaybeRefOrGetter<string>) {
  return useObject('budget', () => toValue(projectId), (id, signal) => api.getBudget(id, signal))
}

/** Lets the job that a request has started go along with the user. */
export function follow({ job_id, name }: AcceptedDatabase): void {
  useFollowedJobs().follow(job_id, name)
}

/** Reads again what a change of a database concerns. */
export function refreshDatabase(id: string): void {
  void queryClient.invalidateQueries({ queryKey: ['database', 'list'] })
  void queryClient.invalidateQueries({ queryKey: keys.one('database', id) })
  void queryClient.invalidateQueries({ queryKey: ['job', 'list'] })
  void queryClient.invalidateQueries({ queryKey: ['budget'] })
}
