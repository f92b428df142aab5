import { http } from '@/api/http'

/** Saves all hosts that the user sees. */
export async function exportHosts(): Promise<void> {
  const response = await http.fetch('/api/v1/hosts/export', { headers: { Accept: 'application/yaml' } })
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = `hosts-${new Date().toISOString().slice(0, 10)}.yaml`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
