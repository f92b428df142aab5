import { describe, expect, it } from 'vitest'
import { fromLocalInput, toLocalInput } from './localTime'

describe('local times', () => {
  it('come back as the same time', () => {
    const time = '2026-03-29T12:34:56.000Z'
    expect(fromLocalInput(toLocalInput(time, true))).toBe(time)
    expect(fromLocalInput(toLocalInput(time))).toBe('2026-03-29T12:34:00.000Z')
  })

  it('are empty for none', () => {
    expect(toLocalInput(null)).toBe('')
    expect(fromLocalInput('')).toBeNull()
    expect(fromLocalInput('soon')).toBeNull()
  })
})
