import type { DatabaseBackupsDto } from '@/api/client'
import { formatExact } from '@/core/format'
import { text } from './text'

/** What is restored: the state at a time, or one backup. */
export interface RestoreTarget {
  target_time: string | null
  backup_id: string | null
}

/** The times that can be restored; null for none. */
export function timesOf(backups: DatabaseBackupsDto): { first: number; last: number } | null {
  const { first_restorable_at: first, last_restorable_at: last } = backups
  return first && last ? { first: Date.parse(first), last: Date.parse(last) } : null
}

/** What is chosen at first: what the address names, or the latest time, or the newest backup. */
export function initialTarget(backups: DatabaseBackupsDto, backupId?: string): RestoreTarget {
  if (backupId && backups.items.some(backup => backup.id === backupId)) {
    return { target_time: null, backup_id: backupId }
  }

  return backups.last_restorable_at
    ? { target_time: backups.last_restorable_at, backup_id: null }
    : { target_time: null, backup_id: backups.items[0]?.id ?? null }
}

export function describeTarget(target: RestoreTarget, backups: DatabaseBackupsDto): string {
  const time = target.target_time ?? backups.items.find(backup => backup.id === target.backup_id)?.ended_at
  return time ? formatExact(time) : text.nothing
}
