import { formatMebibytes, formatNumber } from './format'

export const amountNames = ['databases', 'containers', 'cpu', 'memory', 'storage', 'connections'] as const
export type AmountName = (typeof amountNames)[number]

export function formatAmount(name: AmountName, value: number): string {
  return name === 'memory' || name === 'storage' ? formatMebibytes(value) : formatNumber(value)
}
