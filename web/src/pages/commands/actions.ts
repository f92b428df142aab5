import { mdiCloseCircleOutline, mdiCogOutline, mdiDeleteOutline, mdiPlay, mdiRefresh } from '@mdi/js'
import type { Router } from 'vue-router'
import { CommandAction, RunAction, type CommandDto, type HostDto, type RunDto, type WorkspaceDto } from '@/api/client'
import { api, newKey } from '@/api/http'
import type { MenuAction } from '@/components/RowMenu.vue'
import { toApiError } from '@/core/action'
import { confirm } from '@/core/confirm'
import { useNotices } from '@/core/notices'
import { keys, queryClient } from '@/core/query'
import { text } from './text'

/** What the server allows on a command, as entries of its menu. */
export function commandActions(command: CommandDto, router: Router, isOnPage = false): MenuAction[] {
  const actions: MenuAction[] = []
  const params = { commandId: command.id }
  if (command.actions.includes(CommandAction.Run) && !isOnPage) {
    actions.push({ title: text.run.short, icon: mdiPlay, run: () => void router.push({ name: 'command', params }) })
  }

  if (command.actions.includes(CommandAction.Update) && !isOnPage) {
    actions.push({ title: text.tabs.settings, icon: mdiCogOutline, run: () => void router.push({ name: 'command-settings', params }) })
  }

  if (command.actions.includes(CommandAction.Delete)) {
    const remove = async () => {
      if ((await deleteCommand(command)) && isOnPage) {
        void router.push({ name: 'commands' })
      }
    }
    actions.push({ title: text.delete.action, icon: mdiDeleteOutline, isDestructive: true, run: () => void remove() })
  }

  return actions
}

async function deleteCommand(command: CommandDto): Promise<boolean> {
  const isDone = await confirm({
    title: text.delete.title(command.name),
    text: text.delete.text,
    consequences: [text.delete.consequence],
    typedName: command.name,
    action: text.delete.action,
    isDestructive: true,
    run: () => api.deleteCommand(command.id),
  })
  if (isDone) {
    useNotices().show(text.delete.done(command.name))
    void queryClient.invalidateQueries({ queryKey: ['command', 'list'] })
  }

  return isDone
}

/** Asks for the name. True if the workspace is removed. */
export async function deleteWorkspace(workspace: WorkspaceDto): Promise<boolean> {
  const isDone = await confirm({
    title: text.workspaces.delete.title(workspace.name),
    text: text.workspaces.delete.text,
    typedName: workspace.name,
    action: text.workspaces.delete.action,
    isDestructive: true,
    run: () => api.deleteWorkspace(workspace.id),
  })
  if (isDone) {
    useNotices().show(text.workspaces.delete.done(workspace.name))
    void queryClient.invalidateQueries({ queryKey: ['workspace', 'list'] })
  }

  return isDone
}

/** Asks for the name. True if the host is removed. */
export async function deleteHost(host: HostDto): Promise<boolean> {
  const isDone = await confirm({
    title: text.hosts.delete.title(host.name),
    text: text.hosts.delete.text,
    typedName: host.name,
    action: text.hosts.delete.action,
    isDestructive: true,
    run: () => api.deleteHost(host.id),
  })
  if (isDone) {
    useNotices().show(text.hosts.delete.done(host.name))
    void queryClient.invalidateQueries({ queryKey: ['host', 'list'] })
  }

  return isDone
}

/** What the server allows on a run, as entries of its menu. */
export function runActions(run: RunDto, router: Router): MenuAction[] {
  const actions: MenuAction[] = []
  if (run.actions.includes(RunAction.Repeat)) {
    actions.push({ title: text.runs.repeat, icon: mdiRefresh, run: () => void repeatRun(run, router) })
  }

  if (run.actions.includes(RunAction.Cancel)) {
    actions.push({ title: text.runs.cancel, icon: mdiCloseCircleOutline, isDestructive: true, run: () => void cancelRun(run) })
  }

  return actions
}

/** Starts a run with the inputs of another one and goes to its page. */
export async function repeatRun(run: RunDto, router: Router): Promise<void> {
  try {
    const started = await api.repeatRun(run.id, newKey())
    void queryClient.invalidateQueries({ queryKey: ['run', 'list'] })
    useNotices().show(text.onRun.repeated)
    await router.push({ name: 'run', params: { runId: started.id } })
  } catch (error) {
    useNotices().show(toApiError(error).message, { isError: true })
  }
}

export async function cancelRun(run: RunDto): Promise<void> {
  const isDone = await confirm({
    title: text.cancel.title(run.command_name),
    text: text.cancel.text,
    action: text.cancel.action,
    isDestructive: true,
    run: () => api.cancelJob(run.job_id, newKey()),
  })
  if (isDone) {
    useNotices().show(text.cancel.done)
    refreshRun(run.id)
  }
}

/** Reads a run and its job again. */
export function refreshRun(id: string): void {
  void queryClient.invalidateQueries({ queryKey: keys.one('run', id) })
  void queryClient.invalidateQueries({ queryKey: keys.one('job', id) })
  void queryClient.invalidateQueries({ queryKey: ['run', 'list'] })
}
