import { http } from '@/api/http'
import { datedName, saveBlob } from '@/components/save'

/** The filters of the list as those of the API. */
export function exportPath(filters: Partial<Record<string, string>>): string {
  const names: Record<string, string> = { q: 'actor', action: 'action', target: 'target_id', project: 'project_id', from: 'from', to: 'to' }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filters)) {
    if (value && names[name]) {
      query.set(names[name], value)
    }
  }

  return `/api/v1/events${query.size > 0 ? `?${query}` : ''}`
}

/** Saves all events that match, one JSON object a line. */
export async function exportEvents(filters: Partial<Record<string, string>>): Promise<void> {
  const response = await http.fetch(exportPath(filters), { headers: { Accept: 'application/x-ndjson' } })
  saveBlob(await response.blob(), datedName('events', 'ndjson'))
}
