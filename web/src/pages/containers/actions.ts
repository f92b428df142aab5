import { mdiConsole, mdiDeleteOutline, mdiLinkOff, mdiPlay, mdiRestart, mdiStop } from '@mdi/js'
import { ContainerAction, type AcceptedContainer, type ContainerDto, type PatchContainerBody } from '@/api/client'
import { api, ApiError, http, newKey } from '@/api/http'
import type { MenuAction } from '@/components/RowMenu.vue'
import { toApiError } from '@/core/action'
import { confirm } from '@/core/confirm'
import { formatCount } from '@/core/format'
import { useNotices } from '@/core/notices'
import { keys, queryClient } from '@/core/query'
import { useFollowedJobs } from '@/pages/jobs/followed'
import { router } from '@/router'
import { text } from './text'

export function can(container: ContainerDto, action: ContainerAction): boolean {
  return container.actions.includes(action)
}

export function containerPath(container: Pick<ContainerDto, 'id' | 'project_id'>): string {
  return `/api/v1/projects/${container.project_id}/containers/${container.id}`
}

/** Takes over a changed container, and reads again what depends on it. */
export function changed(container: ContainerDto): void {
  queryClient.setQueryData(keys.one('container', container.id), container)
  void queryClient.invalidateQueries({ queryKey: keys.one('container', container.id) })
  void queryClient.invalidateQueries({ queryKey: ['container', 'list'] })
  void queryClient.invalidateQueries({ queryKey: ['budget', container.project_id] })
}

/** Takes over what a request has started: the container in its new state, and its job, which goes along with the user. */
export function accepted(answer: AcceptedContainer): void {
  const { job_id, ...container } = answer
  changed(container)
  void queryClient.invalidateQueries({ queryKey: ['job', 'list'] })
  useFollowedJobs().follow(job_id, container.name)
}

/** For a form whose values somebody else has changed since it was filled. */
export function stale(traceId: string | null = null): ApiError {
  return new ApiError(text.settings.stale, 412, 'stale_version', {}, traceId)
}

/** Saves what a form has changed. */
export async function patch(container: ContainerDto, body: PatchContainerBody): Promise<ContainerDto> {
  try {
    const saved = await api.patchContainer(container.project_id, container.id, body, http.etag(containerPath(container)))
    changed(saved)
    return saved
  } catch (error) {
    throw error instanceof ApiError && error.status === 412 ? stale(error.traceId) : error
  }
}

type Simple = 'start' | 'stop' | 'restart'

const requests: Record<Simple, (container: ContainerDto) => Promise<AcceptedContainer>> = {
  start: ({ project_id, id }) => api.startContainer(project_id, id, newKey()),
  stop: ({ project_id, id }) => api.stopContainer(project_id, id, newKey()),
  restart: ({ project_id, id }) => api.restartContainer(project_id, id, newKey()),
}

/** Starts at once; asks before it ends what runs. */
export async function operate(container: ContainerDto, action: Simple): Promise<void> {
  const run = async () => accepted(await requests[action](container))
  if (action === 'start') {
    try {
      await run()
    } catch (error) {
      useNotices().show(toApiError(error).message, { isError: true })
      return
    }
  } else {
    const words = action === 'stop' ? text.stopConfirm : text.restart
    if (!(await confirm({ title: words.title(container.name), text: words.text, action: text.actions[action], run }))) {
      return
    }
  }

  useNotices().show(text.done[action](container.name))
}

export async function rebuild(container: ContainerDto): Promise<void> {
  const isDone = await confirm({
    title: text.rebuild.title(container.name),
    text: text.rebuild.text,
    action: text.rebuild.action,
    isDestructive: true,
    typedName: container.name,
    run: async () => accepted(await api.rebuildContainer(container.project_id, container.id, newKey())),
  })
  if (isDone) {
    useNotices().show(text.done.rebuild(container.name))
  }
}

export async function deleteContainer(container: ContainerDto): Promise<boolean> {
  const isDone = await confirm({
    title: text.delete.title(container.name),
    text: text.delete.text,
    action: text.delete.action,
    isDestructive: true,
    typedName: container.name,
    consequences: await consequences(container),
    run: async () => accepted(await api.deleteContainer(container.project_id, container.id)),
  })
  if (isDone) {
    useNotices().show(text.done.delete(container.name))
  }

  return isDone
}

async function consequences(container: ContainerDto): Promise<string[]> {
  const snapshots = can(container, ContainerAction.Snapshot)
    ? ((await api.listSnapshots(container.project_id, container.id).catch(() => null))?.items.length ?? 0)
    : 0
  return [
    ...(snapshots > 0 ? [text.delete.snapshots(formatCount(snapshots, text.delete.snapshot, text.delete.manySnapshots))] : []),
    ...(container.ports.length > 0 ? [text.delete.ports(container.ports.map(port => String(port.container)).join(', '))] : []),
    ...(container.ip_address ? [text.delete.address(container.ip_address)] : []),
  ]
}

export async function forget(container: ContainerDto): Promise<boolean> {
  const isDone = await confirm({
    title: text.forget.title(container.name),
    text: text.forget.text,
    action: text.forget.action,
    isDestructive: true,
    typedName: container.name,
    run: async () => changed(await api.forgetContainer(container.project_id, container.id, { name: container.name }, newKey())),
  })
  if (isDone) {
    useNotices().show(text.done.forget(container.name))
  }

  return isDone
}

export function consoleRoute(container: ContainerDto) {
  return { name: 'container-console', params: { projectId: container.project_id, containerId: container.id } }
}

/** What the server allows on a container, as entries of its menu. */
export function containerActions(container: ContainerDto): MenuAction[] {
  const entries: [ContainerAction, MenuAction][] = [
    [ContainerAction.Start, { title: text.actions.start, icon: mdiPlay, run: () => void operate(container, 'start') }],
    [ContainerAction.Stop, { title: text.actions.stop, icon: mdiStop, run: () => void operate(container, 'stop') }],
    [ContainerAction.Restart, { title: text.actions.restart, icon: mdiRestart, run: () => void operate(container, 'restart') }],
    [ContainerAction.Console, { title: text.actions.console, icon: mdiConsole, run: () => void router.push(consoleRoute(container)) }],
    [ContainerAction.Delete, { title: text.actions.delete, icon: mdiDeleteOutline, isDestructive: true, run: () => void deleteContainer(container) }],
    [ContainerAction.Forget, { title: text.actions.forget, icon: mdiLinkOff, isDestructive: true, run: () => void forget(container) }],
  ]
  return entries.filter(([action]) => can(container, action)).map(([, entry]) => entry)
}
