import { describe, expect, it } from 'vitest'
import { DeletionPolicy, PoolMode, type BudgetAmounts, type TierDto } from '@/api/client'
import { describeCron, guaranteesOf, missingFor } from './tierFacts'

const tier: TierDto = {
  name: 'standard',
  description: '',
  plugin: null,
  instances: 2,
  cpu: 1,
  memory: 1024,
  storage: 10240,
  storage_class: null,
  postgres_version: null,
  pool_mode: PoolMode.Session,
  pooler_instances: 0,
  max_connections: 100,
  backup_schedule: '0 1 * * *',
  backup_retention_days: 14,
  drill_schedule: null,
  deletion_policy: DeletionPolicy.Freeze,
  grace_days: 1,
  max_lifetime_days: null,
  ready_timeout_seconds: 300,
  settings: {},
  created_at: '',
  updated_at: '',
  version: 1,
}
const noLimit: BudgetAmounts = { databases: null, containers: null, cpu: null, memory: null, storage: null, connections: null, tiers: {} }

describe('missingFor', () => {
  it('finds nothing where nothing is limited', () => {
    expect(missingFor(tier, noLimit)).toEqual([])
  })

  it('counts all servers of a tier', () => {
    expect(missingFor(tier, { ...noLimit, memory: 1536 })).toEqual(['Memory: needs 2 GiB, 1.5 GiB left'])
    expect(missingFor(tier, { ...noLimit, memory: 2048 })).toEqual([])
  })

  it('counts the limit of a tier', () => {
    expect(missingFor(tier, { ...noLimit, tiers: { standard: 0 } })).toEqual(['No more of this tier: 0 left'])
  })

  it('counts what the present tier of a database uses as left', () => {
    const small = { ...tier, name: 'dev', memory: 512 }
    expect(missingFor(tier, { ...noLimit, memory: 1024, databases: 0 }, small)).toEqual([])
    expect(missingFor(tier, { ...noLimit, memory: 1000 }, small)).toHaveLength(1)
    expect(missingFor(small, { ...noLimit, memory: -5000 }, tier)).toEqual([])
  })
})

describe('describeCron', () => {
  it.each([
    ['0 2 * * *', 'daily at 02:00 UTC'],
    ['30 5 * * 0', 'on Sundays at 05:30 UTC'],
    ['0 5 * * 7', 'on Sundays at 05:00 UTC'],
    ['15 * * * *', 'every hour'],
    ['*/5 1 * * *', 'by */5 1 * * * (UTC)'],
    ['0 1 1 * *', 'by 0 1 1 * * (UTC)'],
  ])('describes %s', (expression, words) => {
    expect(describeCron(expression)).toBe(words)
  })
})

describe('guaranteesOf', () => {
  it('names servers, backups and what a deletion keeps', () => {
    expect(guaranteesOf(tier)).toEqual([
      '2 servers with each: 1 core, 1 GiB memory, 10 GiB disk',
      'one primary, 1 standby',
      '100 connections',
      'Backups daily at 01:00 UTC, kept 14 days',
      'Deletion can be undone for 1 day',
    ])
  })
})
