import type { JobDto } from '@/api/client'
import { api, http } from '@/api/http'
import { toApiError } from '@/core/action'
import { useNotices } from '@/core/notices'
import { saveAddress, saveBlob } from '../save'

/** Saves a log as text. That of a job that has ended goes straight to the disk; a running one is read up to its present end. */
export async function downloadLog(job: JobDto, hasEnded: boolean): Promise<void> {
  const address = `/api/v1/jobs/${job.id}/log`
  const name = `${job.kind}-${job.id}.log`
  try {
    if (hasEnded) {
      // The browser would save a refusal as if it were the log.
      await api.getJobLog(job.id, undefined, undefined, undefined, undefined, 1)
      saveAddress(`${address}?follow=true`, name)
      return
    }

    const response = await http.fetch(address, { headers: { Accept: 'text/plain' } })
    saveBlob(await response.blob(), name)
  } catch (failure) {
    useNotices().show(toApiError(failure).message, { isError: true })
  }
}
