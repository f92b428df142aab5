import { describe, expect, it } from 'vitest'
import type { DatabaseBackupsDto } from '@/api/client'
import { initialTarget, timesOf } from './restoreTarget'

const backup = { id: 'b1', started_at: '2026-01-01T01:00:00Z', ended_at: '2026-01-01T01:01:00Z', bytes: null }
const backups: DatabaseBackupsDto = {
  items: [backup],
  first_restorable_at: '2026-01-01T01:01:00Z',
  last_restorable_at: '2026-01-02T00:00:00Z',
}

describe('initialTarget', () => {
  it('is the latest time', () => {
    expect(initialTarget(backups)).toEqual({ target_time: '2026-01-02T00:00:00Z', backup_id: null })
  })

  it('is the backup that the address names, if there is one', () => {
    expect(initialTarget(backups, 'b1')).toEqual({ target_time: null, backup_id: 'b1' })
    expect(initialTarget(backups, 'gone').target_time).toBe('2026-01-02T00:00:00Z')
  })

  it('is the newest backup where no time can be restored', () => {
    expect(initialTarget({ ...backups, last_restorable_at: null })).toEqual({ target_time: null, backup_id: 'b1' })
  })
})

describe('timesOf', () => {
  it('needs both ends', () => {
    expect(timesOf(backups)).toEqual({ first: Date.parse('2026-01-01T01:01:00Z'), last: Date.parse('2026-01-02T00:00:00Z') })
    expect(timesOf({ ...backups, first_restorable_at: null })).toBeNull()
  })
})
