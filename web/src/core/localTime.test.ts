import { describe, expect, it } from 'vitest'
import { formatExact } from '@/core/format'
import { fromLocalInput, toLocalInput, withLocalTimes } from './localTime'

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

  it('replace those in a sentence', () => {
    expect(withLocalTimes('Kept until 2026-12-04T21:29:38.298249Z.')).toBe(`Kept until ${formatExact('2026-12-04T21:29:38.298Z')}.`)
  })
})
