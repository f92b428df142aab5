import { api } from '@/api/http'
import { datedName, saveBlob } from '@/components/save'

/** Saves all hosts that the user sees. */
export async function exportHosts(): Promise<void> {
  const { data } = await api.exportHosts()
  saveBlob(data, datedName('hosts', 'yaml'))
}
