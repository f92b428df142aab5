import type { RouteLocationRaw } from 'vue-router'
import type { EventDto } from '@/api/client'
import { linkTo } from '@/router'

/** The name of an action as words: "database.backup_requested" is "Database backup requested". */
export function eventTitle(action: string): string {
  const words = action.replace(/[._]/g, ' ').replace('ssh key', 'SSH key')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const pages: Record<string, (event: EventDto) => RouteLocationRaw | undefined> = {
  project: event => linkTo('project', { projectId: event.target_id }),
  database: event => linkTo('database', { databaseId: event.target_id }),
  container: event => (event.project_id ? linkTo('container', { projectId: event.project_id, containerId: event.target_id }) : undefined),
  job: event => linkTo('job', { jobId: event.target_id }),
  user: event => linkTo('person', { userId: event.target_id }),
}

export function targetLink(event: EventDto): RouteLocationRaw | undefined {
  return pages[event.target_type]?.(event)
}
