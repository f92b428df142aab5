import { formatExact } from '@/core/format'

/** A time of the API as the value of a field of the type datetime-local, in the viewer's zone. */
export function toLocalInput(time: string | null | undefined, withSeconds = false): string {
  if (!time) {
    return ''
  }

  const at = new Date(time)
  const pad = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}`
  return `${day}T${clock}${withSeconds ? `:${pad(at.getSeconds())}` : ''}`
}

/** The value of such a field as a time of the API; null for an empty one. */
export function fromLocalInput(value: string): string | null {
  const at = new Date(value)
  return value === '' || Number.isNaN(at.getTime()) ? null : at.toISOString()
}

/** A sentence of the server with its times in the viewer's zone. */
export function withLocalTimes(sentence: string): string {
  return sentence.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, time => formatExact(time))
}
