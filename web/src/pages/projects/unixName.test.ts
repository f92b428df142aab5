import { describe, expect, it } from 'vitest'
import { unixNameOf } from './unixName'

describe('unixNameOf', () => {
  it.each([
    ['Web shop', 'web-shop'],
    ['  Größe & Maß  ', 'grosse-mass'],
    ['1st try', 'st-try'],
    ['--a--b--', 'a-b'],
    ['🦘', ''],
    [`a ${'b'.repeat(200)}`, `a-${'b'.repeat(98)}`],
  ])('makes %j %j', (name, expected) => {
    expect(unixNameOf(name)).toBe(expected)
  })
})
