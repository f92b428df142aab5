import { describe, expect, it } from 'vitest'
import { wordsOf } from './commandLine'
import { fromLocalInput, toLocalInput } from '@/core/localTime'
import { amountsText, numberOf } from './words'

describe('wordsOf', () => {
  it.each([
    ['ls -la  /tmp', ['ls', '-la', '/tmp']],
    [`sh -c 'echo "a b"; id'`, ['sh', '-c', 'echo "a b"; id']],
    ['echo "it\'s \\"fine\\""', ['echo', `it's "fine"`]],
    ["echo '' a\\ b", ['echo', '', 'a b']],
    ['echo $HOME', ['echo', '$HOME']],
    ['', []],
  ])('divides %s', (line, words) => expect(wordsOf(line)).toEqual(words))

  it('tells of a quote that is not closed', () => expect(wordsOf("echo 'a")).toBeNull())
})

describe('words', () => {
  it('tells amounts', () => {
    expect(amountsText({ cpu: 1, memory: 512, disk: 8 })).toBe('1 core, 512 MiB, 8 GiB')
    expect(amountsText({ cpu: null, memory: null, disk: null })).toBe('no limit')
  })

  it('reads numbers and times of fields', () => {
    expect(numberOf(' 12 ')).toBe(12)
    expect(numberOf('')).toBeNull()
    expect(numberOf('x')).toBeNull()
    expect(fromLocalInput('')).toBeNull()
    expect(fromLocalInput(toLocalInput('2026-11-27T10:30:00Z'))).toBe('2026-11-27T10:30:00.000Z')
  })
})
