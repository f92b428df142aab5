import type { PatchProjectBodyVisibility } from '@/api/client'
import type { ProjectValues } from './ProjectFields.vue'

/** What is no number is sent as it is: the server tells what is wrong with it. */
function numberOf(value: string): number | null {
  return value.trim() === '' ? null : Number.isNaN(Number(value)) ? (value as unknown as number) : Number(value)
}

/** The fields of a project that can be changed, as the API takes them. */
export function bodyOf({ name, description, visibility, tags, active, job_retention_days, job_logs_max_mib }: ProjectValues) {
  return {
    name,
    description,
    visibility: visibility as PatchProjectBodyVisibility,
    tags,
    active,
    job_retention_days: numberOf(job_retention_days),
    job_logs_max_mib: numberOf(job_logs_max_mib),
  }
}
