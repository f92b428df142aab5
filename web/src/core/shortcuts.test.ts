import { effectScope } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { handleKey, useShortcuts } from './shortcuts'

function press(key: string, options: KeyboardEventInit & { target?: HTMLElement } = {}): void {
  const event = new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true, ...options })
  const target = options.target ?? document.createElement('div')
  document.body.append(target)
  target.addEventListener('keydown', handleKey, { once: true })
  target.dispatchEvent(event)
}

describe('shortcuts', () => {
  it('knows sequences, and leaves fields alone', () => {
    const go = vi.fn()
    const palette = vi.fn()
    const scope = effectScope()
    scope.run(() =>
      useShortcuts([
        { keys: 'g p', title: '', run: go },
        { keys: 'ctrl+k', title: '', run: palette, isGlobal: true },
      ]),
    )
    press('g')
    press('p')
    expect(go).toHaveBeenCalledTimes(1)
    press('p')
    expect(go).toHaveBeenCalledTimes(1)
    const field = document.createElement('input')
    press('g', { target: field })
    press('p', { target: field })
    expect(go).toHaveBeenCalledTimes(1)
    press('k', { target: field, ctrlKey: true })
    expect(palette).toHaveBeenCalledTimes(1)
    scope.stop()
    press('k', { ctrlKey: true })
    expect(palette).toHaveBeenCalledTimes(1)
  })
})
