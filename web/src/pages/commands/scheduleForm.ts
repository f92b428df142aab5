import { MissedFires, ParameterType, type CommandParameterDto, type SaveScheduleBody, type ScheduleDto } from '@/api/client'
import { fieldOf, hostsField, initialValues, runBody } from './runForm'

export interface ScheduleValues extends Record<string, unknown> {
  name: string
  cron: string
  time_zone: string
  missed: MissedFires
  is_paused: boolean
  all_hosts: boolean
}

/** The time zones that the browser knows. */
export function timeZones(): string[] {
  const known = Intl.supportedValuesOf('timeZone')
  return known.includes('UTC') ? known : ['UTC', ...known]
}

/** The zone of the browser. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** The values of a form: those of the schedule, or of a new one. The values of parameters lie beside them, by the names of their fields. */
export function scheduleValues(parameters: CommandParameterDto[], schedule?: ScheduleDto): ScheduleValues {
  const given = Object.fromEntries(parameters.map(parameter => [fieldOf(parameter), schedule?.parameters[parameter.name] ?? '']))
  return {
    name: schedule?.name ?? '',
    cron: schedule?.cron ?? '',
    time_zone: schedule?.time_zone ?? ownZone(),
    missed: schedule?.missed ?? MissedFires.Skip,
    is_paused: schedule?.is_paused ?? false,
    ...(schedule ? given : initialValues(parameters)),
    [hostsField]: schedule?.host_ids.join(',') ?? '',
    all_hosts: schedule?.all_hosts ?? false,
  }
}

export function scheduleBody(parameters: CommandParameterDto[], values: ScheduleValues, isMasked = false): SaveScheduleBody {
  const { name, cron, time_zone, missed, is_paused, all_hosts } = values
  const run = runBody(parameters, values as unknown as Record<string, string>, isMasked)
  return { name: name.trim(), cron: cron.trim(), time_zone, missed, is_paused, parameters: run.parameters, host_ids: all_hosts ? [] : (run.host_ids ?? []), all_hosts }
}

/** The body that saves a schedule as it is. A secret that is not given stays. */
export function sameBody(schedule: ScheduleDto): SaveScheduleBody {
  const { name, cron, time_zone, missed, is_paused, parameters, host_ids, all_hosts } = schedule
  return { name, cron, time_zone, missed, is_paused, parameters, host_ids, all_hosts }
}

/** The names of secrets that the schedule keeps when their fields are empty. */
export function keptSecrets(parameters: CommandParameterDto[], schedule?: ScheduleDto): string[] {
  const stored = schedule ? Object.keys(schedule.parameters) : []
  return parameters.filter(p => p.type === ParameterType.Secret && stored.includes(p.name)).map(p => p.name)
}

/** A time as the clocks of a zone show it; as those of the browser where it does not know the zone. */
export function formatIn(zone: string, time: string): string {
  const shape: Intl.DateTimeFormatOptions = { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }
  try {
    return new Intl.DateTimeFormat('en-GB', { ...shape, timeZone: zone }).format(new Date(time))
  } catch {
    return new Intl.DateTimeFormat('en-GB', shape).format(new Date(time))
  }
}
