import type { HostBody, HostDto } from '@/api/client'
import { ApiError } from '@/api/http'
import { listOf } from './commandForm'
import { text } from './text'

/** A host as fields of a form, the port as it is typed. */
export interface HostValues {
  name: string
  address: string
  port: string
  user_name: string
  labels: string
  jump_host_id: string
}

export const newHost: HostValues = { name: '', address: '', port: '22', user_name: '', labels: '', jump_host_id: '' }

export function hostValuesOf(host: HostDto): HostValues {
  return {
    name: host.name,
    address: host.address,
    port: String(host.port),
    user_name: host.user_name,
    labels: host.labels.join(', '),
    jump_host_id: host.jump_host_id ?? '',
  }
}

/** The body of the request. A port that is no number is refused at its field. */
export function hostBody(values: HostValues): HostBody {
  const port = values.port.trim()
  if (port !== '' && !/^\d{1,5}$/.test(port)) {
    throw new ApiError('', 400, 'validation_failed', { port: [text.edit.number] })
  }

  return {
    name: values.name.trim(),
    address: values.address.trim(),
    port: port === '' ? null : Number(port),
    user_name: values.user_name.trim(),
    labels: listOf(values.labels),
    jump_host_id: values.jump_host_id || null,
  }
}
