import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { JobState, type JobAction, type JobDto } from '@/api/client'
import { api, newKey } from '@/api/http'
import { toApiError } from '@/core/action'
import { confirm } from '@/core/confirm'
import { useNotices } from '@/core/notices'
import { keys, queryClient } from '@/core/query'
import { useLive } from '@/live/live'
import { linkTo } from '@/router'
import { text } from './text'

export function isUnfinished(job: Pick<JobDto, 'status'>): boolean {
  return job.status === JobState.Queued || job.status === JobState.Running || job.status === JobState.Waiting_retry
}

export function kindTitle(kind: string): string {
  return text.kinds[kind] ?? kind
}

/** How long a job has worked; while it works, until now. */
export function durationOf(job: JobDto, now: number): number | null {
  return job.started_at === null ? null : Date.parse(job.finished_at ?? new Date(now).toISOString()) - Date.parse(job.started_at)
}

/** What a job works on. */
export function resourceNoun(job: JobDto): 'container' | 'database' | null {
  return !job.resource_id ? null : job.kind.startsWith('database.') ? 'database' : job.kind.startsWith('resource.') ? 'container' : null
}

export function resourceLink(job: JobDto) {
  const noun = resourceNoun(job)
  return noun === 'container' && job.project_id
    ? linkTo('container', { projectId: job.project_id, containerId: job.resource_id! })
    : noun === 'database'
      ? linkTo('database', { databaseId: job.resource_id! })
      : undefined
}

/** One job; read every second while it is unfinished and changes do not arrive by themselves. */
export function useJob(id: MaybeRefOrGetter<string>) {
  const live = useLive()
  const query = useQuery({
    queryKey: computed(() => keys.one('job', toValue(id))),
    queryFn: ({ signal }) => api.getJob(toValue(id), undefined, signal),
    enabled: computed(() => toValue(id) !== ''),
    refetchInterval: ({ state }) => (!live.isOpen && state.data && isUnfinished(state.data) ? 1000 : false),
  })
  watch(
    () => query.data.value && { id: query.data.value.id, isUnfinished: isUnfinished(query.data.value) },
    (now, before) => {
      if (before?.isUnfinished && now?.id === before.id && !now.isUnfinished) {
        refreshAfter(query.data.value!)
      }
    },
  )
  return {
    data: query.data,
    isPending: query.isPending,
    error: computed(() => (query.error.value && query.data.value === undefined ? toApiError(query.error.value) : null)),
    refetch: () => void query.refetch(),
  }
}

/** What a job has changed, or an action on it. */
export function refreshAfter(job: JobDto): void {
  void queryClient.invalidateQueries({ queryKey: ['job', 'list'] })
  void queryClient.invalidateQueries({ queryKey: keys.one('job', job.id) })
  if (job.project_id) {
    void queryClient.invalidateQueries({ queryKey: ['budget', job.project_id] })
  }

  const noun = resourceNoun(job)
  if (noun) {
    void queryClient.invalidateQueries({ queryKey: [noun, job.resource_id] })
    void queryClient.invalidateQueries({ queryKey: [noun, 'list'] })
  }
}

export async function cancelJob(job: JobDto): Promise<void> {
  const isDone = await confirm({
    title: text.cancel.title(kindTitle(job.kind)),
    text: text.cancel.text,
    action: text.cancel.action,
    isDestructive: true,
    run: () => api.cancelJob(job.id, newKey()),
  })
  if (isDone) {
    useNotices().show(text.cancel.done)
    refreshAfter(job)
  }
}

export async function retryJob(job: JobDto): Promise<void> {
  try {
    await api.retryJob(job.id, newKey())
    useNotices().show(text.retried)
  } catch (error) {
    useNotices().show(toApiError(error).message, { isError: true })
  }

  refreshAfter(job)
}

export function can(job: JobDto, action: JobAction): boolean {
  return job.actions.includes(action)
}
