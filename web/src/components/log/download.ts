import type { JobDto } from '@/api/client'
import { api, http } from '@/api/http'
import { toApiError } from '@/core/action'
import { useNotices } from '@/core/notices'

/** Saves a log as text. That of a job that has ended goes straight to the disk; a running one is read up to its present end. */
export async function downloadLog(job: JobDto, hasEnded: boolean): Promise<void> {
  const address = `/api/v1/jobs/${job.id}/log`
  const name = `${job.kind}-${job.id}.log`
  try {
    if (hasEnded) {
      // The browser would save a refusal as if it were the log.
      await api.getJobLog(job.id, undefined, undefined, undefined, undefined, 1)
      save(`${address}?follow=true`, name)
      return
    }

    const response = await http.fetch(address, { headers: { Accept: 'text/plain' } })
    const url = URL.createObjectURL(await response.blob())
    save(url, name)
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  } catch (failure) {
    useNotices().show(toApiError(failure).message, { isError: true })
  }
}

function save(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
