import { DeletionPolicy, PoolMode, type SaveTierBody, type TierDto } from '@/api/client'
import { text } from './text'

/** A tier as fields of a form, numbers as they are typed. */
export interface TierValues {
  name: string
  description: string
  plugin: string | null
  instances: string
  cpu: string
  memory: string
  storage: string
  storage_class: string
  postgres_version: string
  pool_mode: string
  pooler_instances: string
  max_connections: string
  backup_schedule: string
  backup_retention_days: string
  drill_schedule: string
  deletion_policy: string
  grace_days: string
  max_lifetime_days: string
  ready_timeout_seconds: string
  settings: string
}

export const newTier: TierValues = {
  name: '',
  description: '',
  plugin: null,
  instances: '1',
  cpu: '0.5',
  memory: '256',
  storage: '1024',
  storage_class: '',
  postgres_version: '',
  pool_mode: PoolMode.Session,
  pooler_instances: '0',
  max_connections: '50',
  backup_schedule: '0 2 * * *',
  backup_retention_days: '7',
  drill_schedule: '',
  deletion_policy: DeletionPolicy.Freeze,
  grace_days: '7',
  max_lifetime_days: '',
  ready_timeout_seconds: '300',
  settings: '',
}

export function valuesOf(tier: TierDto): TierValues {
  return {
    name: tier.name,
    description: tier.description,
    plugin: tier.plugin,
    instances: String(tier.instances),
    cpu: String(tier.cpu),
    memory: String(tier.memory),
    storage: String(tier.storage),
    storage_class: tier.storage_class ?? '',
    postgres_version: shown(tier.postgres_version),
    pool_mode: tier.pool_mode,
    pooler_instances: String(tier.pooler_instances),
    max_connections: String(tier.max_connections),
    backup_schedule: tier.backup_schedule ?? '',
    backup_retention_days: String(tier.backup_retention_days),
    drill_schedule: tier.drill_schedule ?? '',
    deletion_policy: tier.deletion_policy,
    grace_days: String(tier.grace_days),
    max_lifetime_days: shown(tier.max_lifetime_days),
    ready_timeout_seconds: String(tier.ready_timeout_seconds),
    settings: Object.entries(tier.settings)
      .map(([name, value]) => `${name} = ${value}`)
      .join('\n'),
  }
}

const numbers = [
  'instances',
  'cpu',
  'memory',
  'storage',
  'postgres_version',
  'pooler_instances',
  'max_connections',
  'backup_retention_days',
  'grace_days',
  'max_lifetime_days',
  'ready_timeout_seconds',
] as const
const optional = ['description', 'plugin', 'storage_class', 'backup_schedule', 'drill_schedule'] as const

/** The body of the request, and what cannot be sent, by field: only text that is no number, and lines that are no settings. */
export function bodyOf(values: TierValues): { body: SaveTierBody; errors: Record<string, string[]> } {
  const body: Record<string, unknown> = { pool_mode: values.pool_mode, deletion_policy: values.deletion_policy }
  const errors: Record<string, string[]> = {}
  for (const name of numbers) {
    const typed = values[name].trim()
    const value = Number(typed)
    if (typed !== '' && Number.isNaN(value)) {
      errors[name] = [text.fields.number]
    }

    body[name] = typed === '' ? null : value
  }

  for (const name of optional) {
    body[name] = values[name]?.trim() || null
  }

  const { settings, invalid } = parseSettings(values.settings)
  body.settings = settings
  if (invalid.length > 0) {
    errors.settings = invalid.map(text.fields.settingsInvalid)
  }

  return { body: body as SaveTierBody, errors }
}

function parseSettings(lines: string): { settings: Record<string, string>; invalid: string[] } {
  const settings: Record<string, string> = {}
  const invalid: string[] = []
  for (const line of lines.split('\n').map(one => one.trim()).filter(one => one !== '')) {
    const [, name, value] = /^([\w.]+)\s*=\s*(.+)$/.exec(line) ?? []
    if (name && value) {
      settings[name] = value
    } else {
      invalid.push(line)
    }
  }

  return { settings, invalid }
}

function shown(value: number | null): string {
  return value === null ? '' : String(value)
}
