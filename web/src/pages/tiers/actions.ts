import type { TierDto } from '@/api/client'
import { api } from '@/api/http'
import { confirm } from '@/core/confirm'
import { useNotices } from '@/core/notices'
import { queryClient } from '@/core/query'
import { text } from './text'

/** Asks for the name. True if the tier is deleted. */
export async function deleteTier(tier: TierDto): Promise<boolean> {
  const isDone = await confirm({
    title: text.delete.title(tier.name),
    text: text.delete.text,
    typedName: tier.name,
    action: text.delete.action,
    isDestructive: true,
    run: () => api.deleteTier(tier.name),
  })
  if (isDone) {
    useNotices().show(text.delete.done(tier.name))
    void queryClient.invalidateQueries({ queryKey: ['tier', 'list'] })
  }

  return isDone
}
