import { api } from '@/api/http'
import { saveBlob } from '@/components/save'

/** Saves the commands of a project, or those of the platform, as a document for git. */
export async function exportCommands(project: string | undefined): Promise<void> {
  const { data } = await api.exportCommands(project)
  saveBlob(data, 'commands.yaml')
}
