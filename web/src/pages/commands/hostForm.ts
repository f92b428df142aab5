import type { HostBody, HostDto } from '@/api/client'
import { ApiError } from '@/api/http'
import { listOf } from './commandForm'
import { text } from './text'

/** A host as fields of a form, the port as it is typed. */
export interface HostValues {
  name: string
  /** By what it is found. */
  origin: string
  container_id: string
  alias: string
  address: string
  port: string
  user_name: string
  labels: string
  jump_host_id: string
}

export const newHost: HostValues = { name: '', origin: 'address', container_id: '', alias: '', address: '', port: '22', user_name: '', labels: '', jump_host_id: '' }

export function hostValuesOf(host: HostDto): HostValues {
  return {
    name: host.name,
    origin: host.container_id ? 'container' : host.alias ? 'alias' : 'address',
    container_id: host.container_id ?? '',
    alias: host.alias ?? '',
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

  return shownHostBody(values)
}

/** The same for what is shown while it is typed. */
export function shownHostBody(values: HostValues): HostBody {
  const body = { name: values.name.trim() || null, labels: listOf(values.labels) }
  if (values.origin === 'alias') {
    return { ...body, alias: values.alias.trim() }
  }

  const place = values.origin === 'container' ? { container_id: values.container_id || null } : { address: values.address.trim() }
  return { ...body, ...place, port: Number(values.port) || null, user_name: values.user_name.trim() || null, jump_host_id: values.jump_host_id || null }
}
