import xterm from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { pasted, sequenceOf, type Key } from './keys'
import { colorOf, rowsOf } from './screen'

function key(name: string, held: Partial<Key> = {}): Key {
  return { key: name, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...held }
}

describe('sequenceOf', () => {
  it.each([
    [key('ArrowUp'), false, '\x1b[A'],
    [key('ArrowUp'), true, '\x1bOA'],
    [key('ArrowLeft', { ctrlKey: true }), true, '\x1b[1;5D'],
    [key('c', { ctrlKey: true }), false, '\x03'],
    [key('Backspace'), false, '\x7f'],
    [key('Tab', { shiftKey: true }), false, '\x1b[Z'],
    [key('Delete'), false, '\x1b[3~'],
    [key('F1'), false, '\x1bOP'],
    [key('b', { altKey: true }), false, '\x1bb'],
    [key('a'), false, null],
    // AltGr and the browser's own keys.
    [key('@', { ctrlKey: true, altKey: true }), false, null],
    [key('c', { metaKey: true }), false, null],
  ])('of %o', (pressed, isApplication, wanted) => expect(sequenceOf(pressed, isApplication)).toBe(wanted))
})

it('pastes lines as Enter and lets no text leave the marks', () => {
  expect(pasted('a\r\nb\n', false)).toBe('a\rb\r')
  expect(pasted('a\x1b[201~rm', true)).toBe('\x1b[200~arm\x1b[201~')
})

it('draws what a terminal shows', async () => {
  const terminal = new xterm.Terminal({ cols: 20, rows: 3, allowProposedApi: true })
  await new Promise<void>(resolve => terminal.write('\x1b[1;31mred\x1b[0m 日 x', resolve))
  const [first] = rowsOf(terminal, 0, true)
  expect(first!.runs.map(run => run.text)).toEqual(['red', ' ', '日', ' x', ' '])
  expect(first!.runs[0]).toMatchObject({ classes: 'bold', color: colorOf(1, false) })
  expect(first!.runs[2]!.columns).toBe(2)
  expect(first!.runs.at(-1)!.classes).toContain('cursor')
})

it('knows all colours', () => {
  expect(colorOf(196, false)).toBe('rgb(255, 0, 0)')
  expect(colorOf(232, false)).toBe('rgb(8, 8, 8)')
  expect(colorOf(0x0a0b0c, true)).toBe('#0a0b0c')
})
