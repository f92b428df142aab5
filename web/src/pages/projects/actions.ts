import { mdiCogOutline, mdiDeleteOutline } from '@mdi/js'
import type { Router } from 'vue-router'
import { ProjectAction, type ProjectDto } from '@/api/client'
import { api } from '@/api/http'
import type { MenuAction } from '@/components/RowMenu.vue'
import { confirm } from '@/core/confirm'
import { formatCount } from '@/core/format'
import { useNotices } from '@/core/notices'
import { keys, queryClient } from '@/core/query'
import { text } from './text'

export function can(project: ProjectDto, action: ProjectAction): boolean {
  return project.actions.includes(action)
}

export function canReadBudget(project: ProjectDto): boolean {
  return can(project, ProjectAction.Read_budget)
}

/** What the server allows on a project, as entries of its menu. */
export function projectActions(project: ProjectDto, router: Router): MenuAction[] {
  const actions: MenuAction[] = []
  if (project.actions.includes(ProjectAction.Update)) {
    actions.push({
      title: text.actions.edit,
      icon: mdiCogOutline,
      run: () => void router.push({ name: 'project-tab', params: { projectId: project.id, tab: 'settings' } }),
    })
  }

  if (project.actions.includes(ProjectAction.Delete)) {
    actions.push({ title: text.actions.delete, icon: mdiDeleteOutline, isDestructive: true, run: () => void deleteProject(project) })
  }

  return actions
}

/** Asks for the name, with what goes with the project. True if the deletion has begun. */
export async function deleteProject(project: ProjectDto): Promise<boolean> {
  const consequences = await readConsequences(project.id)
  const isDone = await confirm({
    title: text.delete.title(project.name),
    text: text.delete.text,
    consequences,
    typedName: project.unix_name,
    action: text.delete.action,
    isDestructive: true,
    run: () => api.deleteProject(project.id, true),
  })
  if (isDone) {
    useNotices().show(text.delete.started(project.name))
    void queryClient.invalidateQueries({ queryKey: ['project', 'list'] })
    void queryClient.invalidateQueries({ queryKey: keys.one('project', project.id) })
  }

  return isDone
}

async function readConsequences(id: string): Promise<string[]> {
  const [containers, databases] = await Promise.all([
    api.listProjectContainers(id, 5, undefined, undefined, true).catch(() => null),
    api.listProjectDatabases(id, 5, undefined, undefined, true).catch(() => null),
  ])
  const lines: string[] = []
  if (containers?.items.length) {
    lines.push(named(formatCount(containers.total ?? containers.items.length, text.delete.container, text.delete.manyContainers), containers))
  }

  if (databases?.items.length) {
    lines.push(named(formatCount(databases.total ?? databases.items.length, text.delete.database, text.delete.manyDatabases), databases))
  }

  return [...lines, text.delete.members]
}

function named(count: string, page: { items: { name: string }[]; next_cursor: string | null }): string {
  return `${count}: ${page.items.map(item => item.name).join(', ')}${page.next_cursor ? ', …' : ''}`
}
