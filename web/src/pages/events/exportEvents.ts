import { http } from '@/api/http'

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
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = `events-${new Date().toISOString().slice(0, 10)}.ndjson`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
