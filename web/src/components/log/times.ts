import { readonly, ref } from 'vue'

export const timeModes = ['none', 'relative', 'exact'] as const
export type TimeMode = (typeof timeModes)[number]

const storageKey = 'wombat.log.times'
const mode = ref<TimeMode>(timeModes.find(known => known === localStorage.getItem(storageKey)) ?? 'none')
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })

/** How all logs show the times of lines; it is kept in the browser. */
export function useTimeMode() {
  function next(): void {
    mode.value = timeModes[(timeModes.indexOf(mode.value) + 1) % timeModes.length]!
    localStorage.setItem(storageKey, mode.value)
  }

  return { mode: readonly(mode), next }
}

/** The time of a line in a fixed width: in the viewer's zone, or since the start of the job. */
export function formatTime(at: string, shown: TimeMode, start: string | null): string {
  if (at === '') {
    return ''
  }

  const time = Date.parse(at)
  if (shown === 'exact') {
    return clock.format(time)
  }

  const seconds = Math.max(0, (time - Date.parse(start ?? at)) / 1000)
  const minutes = Math.floor(seconds / 60)
  const rest = (seconds % 60).toFixed(2).padStart(5, '0')
  return minutes < 60 ? `${String(minutes).padStart(2, '0')}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`
}
