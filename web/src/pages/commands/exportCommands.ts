import { api } from '@/api/http'

/** Saves the commands of a project, or those of the platform, as a document for git. */
export async function exportCommands(project: string | undefined): Promise<void> {
  const { data } = await api.exportCommands(project)
  const url = URL.createObjectURL(data)
  const link = document.createElement('a')
  link.href = url
  link.download = 'commands.yaml'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
