import { SshKeySource, type ReplaceHostKeyBody } from '@/api/client'

/** With which key Wombat signs in to a host, as fields of a form. */
export interface HostKeyValues {
  key_source: string
  key_file: string
  private_key: string
}

export const newHostKey: HostKeyValues = { key_source: SshKeySource.Stored, key_file: '', private_key: '' }

/** The part of the request; isMasked: for what is shown. */
export function hostKeyBody(values: HostKeyValues, isMasked = false): ReplaceHostKeyBody {
  const key = values.key_source !== SshKeySource.Stored || values.private_key.trim() === '' ? null : isMasked ? '***' : values.private_key
  return {
    key_source: values.key_source as SshKeySource,
    ...(values.key_source === SshKeySource.File ? { key_file: values.key_file.trim() } : {}),
    ...(key ? { private_key: key } : {}),
  }
}
