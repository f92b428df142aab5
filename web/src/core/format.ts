const locale = undefined
const numbers = new Intl.NumberFormat('en')
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' })

export function formatNumber(value: number): string {
  return numbers.format(value)
}

export function formatCount(count: number, one: string, many: string): string {
  return `${numbers.format(count)} ${count === 1 ? one : many}`
}

/** An amount of MiB in the largest unit that shows it with at most one decimal. */
export function formatMebibytes(mebibytes: number): string {
  return formatBytes(mebibytes * 1024 * 1024)
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }

  return `${numbers.format(Math.round(value * 10) / 10)} ${units[unit]}`
}

/** The exact time in the viewer's zone. */
export function formatExact(time: string | number | Date): string {
  return exact.format(new Date(time))
}

const steps: [number, string][] = [
  [60, 's'],
  [60, 'min'],
  [24, 'h'],
  [7, 'd'],
  [Number.POSITIVE_INFINITY, 'wk'],
]

/** A span in one unit: 12 s, 4 min, 3 h, 2 d, 5 wk. */
export function formatSpan(milliseconds: number): string {
  let value = Math.max(0, Math.round(milliseconds / 1000))
  for (const [size, unit] of steps) {
    if (value < size) {
      return `${value} ${unit}`
    }

    value = Math.floor(value / size)
  }

  return `${value} wk`
}

export function formatRelative(time: string | number | Date, now: number): string {
  const distance = now - new Date(time).getTime()
  if (Math.abs(distance) < 5000) {
    return 'now'
  }

  return distance > 0 ? `${formatSpan(distance)} ago` : `in ${formatSpan(-distance)}`
}
