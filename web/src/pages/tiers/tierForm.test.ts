import { describe, expect, it } from 'vitest'
import { bodyOf, newTier } from './tierForm'

describe('bodyOf', () => {
  it('sends numbers as numbers and what is empty as null', () => {
    const { body, errors } = bodyOf({ ...newTier, cpu: '1.5', backup_schedule: ' ', max_lifetime_days: '' })
    expect(errors).toEqual({})
    expect(body).toMatchObject({ cpu: 1.5, memory: 256, backup_schedule: null, max_lifetime_days: null, plugin: null, settings: {} })
  })

  it('reads settings line by line', () => {
    expect(bodyOf({ ...newTier, settings: 'work_mem = 32MB\n\n random_page_cost=1.1 ' }).body.settings).toEqual({
      work_mem: '32MB',
      random_page_cost: '1.1',
    })
  })

  it('names fields that cannot be sent', () => {
    const { errors } = bodyOf({ ...newTier, memory: 'much', settings: 'work_mem' })
    expect(Object.keys(errors)).toEqual(['memory', 'settings'])
  })
})
