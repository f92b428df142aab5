import type { ContainerDto } from '@/api/client'
import { formatMebibytes, formatNumber } from '@/core/format'
import { text } from './text'

type Amounts = { cpu: number | null; memory: number | null; disk: number | null }

/** Amounts in one line: 2 cores, 512 MiB, 8 GiB. */
export function amountsText({ cpu, memory, disk }: Amounts): string {
  const parts = [
    cpu === null ? '' : text.facts.coresOf(formatNumber(cpu)),
    memory === null ? '' : formatMebibytes(memory),
    disk === null ? '' : formatMebibytes(disk * 1024),
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : text.facts.noLimit
}

export function sizeText(container: ContainerDto): string {
  const amounts = amountsText(container)
  return container.size ? `${container.size} · ${amounts}` : amounts
}

/** The number in a field; null where it is empty or not a number, which the server then tells. */
export function numberOf(value: string | number | null): number | null {
  const trimmed = String(value ?? '').trim()
  return trimmed === '' || !Number.isFinite(Number(trimmed)) ? null : Number(trimmed)
}
