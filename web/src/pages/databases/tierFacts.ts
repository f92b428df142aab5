import { DeletionPolicy, type BudgetAmounts, type TierDto } from '@/api/client'
import { formatAmount, type AmountName } from '@/core/budget'
import { formatCount, formatMebibytes, formatNumber } from '@/core/format'
import { common } from '@/text/common'
import { text } from './text'

type Demand = Record<Exclude<AmountName, 'containers'>, number>

/** What a database of the tier uses of the budget. */
export function demandOf(tier: TierDto): Demand {
  return {
    databases: 1,
    cpu: tier.cpu * tier.instances,
    memory: tier.memory * tier.instances,
    storage: tier.storage * tier.instances,
    connections: tier.max_connections,
  }
}

/** What the budget lacks for a database of the tier. replaced is the tier of the database that it would replace. */
export function missingFor(tier: TierDto, left: BudgetAmounts | null | undefined, replaced?: TierDto): string[] {
  if (!left) {
    return []
  }

  const demand = demandOf(tier)
  const freed = replaced ? demandOf(replaced) : null
  const lines: string[] = []
  for (const name of Object.keys(demand) as (keyof Demand)[]) {
    const limit = left[name]
    // The budget itself decides; an amount that does not grow is never refused.
    const available = limit === null || limit === undefined ? null : limit + (freed?.[name] ?? 0)
    if (available !== null && demand[name] > available && demand[name] > (freed?.[name] ?? 0)) {
      lines.push(text.tier.missing(common.budget[name], formatAmount(name, demand[name]), formatAmount(name, Math.max(0, available))))
    }
  }

  const ofTier = left.tiers?.[tier.name]
  if (ofTier !== undefined && ofTier < 1 && replaced?.name !== tier.name) {
    lines.push(text.tier.missingTier(formatNumber(Math.max(0, ofTier))))
  }

  return lines
}

export function budgetEffect(tier: TierDto): string {
  const demand = demandOf(tier)
  return [coresOf(demand.cpu), text.tier.memory(formatMebibytes(demand.memory)), text.tier.storage(formatMebibytes(demand.storage))].join(', ')
}

/** What a tier guarantees, line by line. */
export function guaranteesOf(tier: TierDto): string[] {
  const size = [coresOf(tier.cpu), text.tier.memory(formatMebibytes(tier.memory)), text.tier.storage(formatMebibytes(tier.storage))].join(', ')
  const lines = [tier.instances > 1 ? `${text.tier.each(formatNumber(tier.instances))} ${size}` : size]
  if (tier.instances > 1) {
    lines.push(text.tier.standbys(formatCount(tier.instances - 1, text.tier.standby, text.tier.manyStandbys)))
  }

  const connections = formatNumber(tier.max_connections)
  lines.push(tier.pooler_instances > 0 ? text.tier.pooled(connections) : text.tier.connections(connections))
  lines.push(tier.backup_schedule ? text.tier.backups(describeCron(tier.backup_schedule), daysOf(tier.backup_retention_days)) : text.tier.noBackups)
  if (tier.drill_schedule) {
    lines.push(text.tier.drills(describeCron(tier.drill_schedule)))
  }

  lines.push(deletionOf(tier))
  if (tier.max_lifetime_days !== null) {
    lines.push(text.tier.lifetime(daysOf(tier.max_lifetime_days)))
  }

  return lines
}

export function deletionOf(tier: TierDto): string {
  switch (tier.deletion_policy) {
    case DeletionPolicy.Freeze:
      return text.tier.freeze(daysOf(tier.grace_days))
    case DeletionPolicy.Archive:
      return text.tier.archive(daysOf(tier.grace_days))
    default:
      return text.tier.hardDelete
  }
}

export function daysOf(days: number): string {
  return formatCount(days, text.tier.day, text.tier.days)
}

function coresOf(cores: number): string {
  return cores === 1 ? text.tier.core : text.tier.cores(formatNumber(cores))
}

/** A cron expression of five fields in words, where they are simple. */
export function describeCron(expression: string): string {
  const [minute, hour, day, month, weekday] = expression.trim().split(/\s+/)
  const isEach = day === '*' && month === '*'
  if (isEach && weekday === '*' && hour === '*' && isNumber(minute)) {
    return text.cron.hourly
  }

  if (!isEach || !isNumber(minute) || !isNumber(hour)) {
    return text.cron.other(expression)
  }

  const time = `${hour!.padStart(2, '0')}:${minute!.padStart(2, '0')}`
  const name = isNumber(weekday) ? text.cron.weekdays[Number(weekday) % 7] : undefined
  return weekday === '*' ? text.cron.daily(time) : name ? text.cron.weekly(name, time) : text.cron.other(expression)
}

function isNumber(field: string | undefined): boolean {
  return field !== undefined && /^\d+$/.test(field)
}
