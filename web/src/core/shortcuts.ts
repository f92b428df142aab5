import { onScopeDispose, shallowReactive } from 'vue'

export interface Shortcut {
  /** Keys as in KeyboardEvent.key, in lower case, one after the other: "g p", "/", "ctrl+k". */
  keys: string
  title: string
  run: (event: KeyboardEvent) => void
  /** Also while something is typed into a field. */
  isGlobal?: boolean
}

const active = shallowReactive<Shortcut[]>([])
let started = ''
let startedAt = 0

export const shortcuts: readonly Shortcut[] = active

/** Shortcuts that hold while the component is shown; the newest wins. */
export function useShortcuts(added: Shortcut[]): void {
  active.push(...added)
  onScopeDispose(() => {
    for (const shortcut of added) {
      active.splice(active.indexOf(shortcut), 1)
    }
  })
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null
  return !!target?.closest?.('input, textarea, select, [contenteditable]')
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase()
  return event.ctrlKey || event.metaKey ? `ctrl+${key}` : key
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) {
    return
  }

  const typing = isTyping(event)
  const isDialogOpen = document.querySelector('.v-dialog.v-overlay--active') !== null
  const name = nameOf(event)
  const sequence = started && event.timeStamp - startedAt < 1000 ? `${started} ${name}` : name
  started = ''
  const matches = active.filter(shortcut => shortcut.isGlobal || (!typing && !isDialogOpen))
  const match = matches.filter(shortcut => shortcut.keys === sequence).at(-1)
  if (match) {
    event.preventDefault()
    match.run(event)
  } else if (matches.some(shortcut => shortcut.keys.startsWith(`${name} `))) {
    started = name
    startedAt = event.timeStamp
  }
}
