import type { SettingDto } from '@/api/client'

/** The settings whose name, value or meaning contains a text, from some sources. */
export function matching(settings: readonly SettingDto[], wanted: string, sources: readonly string[]): SettingDto[] {
  const needle = wanted.trim().toLowerCase()
  return settings.filter(
    setting =>
      (sources.length === 0 || sources.includes(setting.source)) &&
      [setting.name, setting.value, setting.description, setting.variable].some(text => text?.toLowerCase().includes(needle)),
  )
}
