import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatRelative, formatSpan } from './format'

describe('format', () => {
  it.each([
    [0, '0 s'],
    [12_000, '12 s'],
    [61_000, '1 min'],
    [3 * 3_600_000, '3 h'],
    [50 * 3_600_000, '2 d'],
    [20 * 86_400_000, '2 wk'],
  ])('shows %d ms as %s', (span, expected) => {
    expect(formatSpan(span)).toBe(expected)
  })

  it('tells times before and after now', () => {
    expect(formatRelative(0, 60_000)).toBe('1 min ago')
    expect(formatRelative(7_200_000, 0)).toBe('in 2 h')
    expect(formatRelative(1000, 0)).toBe('now')
  })

  it('shows bytes in the largest unit', () => {
    expect(formatBytes(1536)).toBe('1.5 KiB')
    expect(formatBytes(64 * 1024 ** 2)).toBe('64 MiB')
  })

  it('knows one from many', () => {
    expect(formatCount(1, 'row', 'rows')).toBe('1 row')
    expect(formatCount(1204, 'row', 'rows')).toBe('1,204 rows')
  })
})
