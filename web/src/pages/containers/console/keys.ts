export interface Key {
  key: string
  ctrlKey: boolean
  altKey: boolean
  shiftKey: boolean
  metaKey: boolean
}

const cursor: Record<string, string> = { ArrowUp: 'A', ArrowDown: 'B', ArrowRight: 'C', ArrowLeft: 'D', Home: 'H', End: 'F' }
const edit: Record<string, number> = { Insert: 2, Delete: 3, PageUp: 5, PageDown: 6, F5: 15, F6: 17, F7: 18, F8: 19, F9: 20, F10: 21, F11: 23, F12: 24 }
const function4: Record<string, string> = { F1: 'P', F2: 'Q', F3: 'R', F4: 'S' }
const plain: Record<string, string> = { Enter: '\r', Backspace: '\x7f', Tab: '\t', Escape: '\x1b' }
const controls: Record<string, string> = { ' ': '\0', '[': '\x1b', '\\': '\x1c', ']': '\x1d', '^': '\x1e', '_': '\x1f', '/': '\x1f', '?': '\x7f' }

/** What a terminal sends for a key; null for what is typed as text, and for keys that belong to the browser. */
export function sequenceOf(event: Key, isApplicationCursor: boolean): string | null {
  const { key } = event
  if (event.metaKey) {
    return null
  }

  const modifier = 1 + (event.shiftKey ? 1 : 0) + (event.altKey ? 2 : 0) + (event.ctrlKey ? 4 : 0)
  if (key in cursor) {
    return modifier > 1 ? `\x1b[1;${modifier}${cursor[key]}` : `\x1b${isApplicationCursor ? 'O' : '['}${cursor[key]}`
  }

  if (key in edit) {
    return modifier > 1 ? `\x1b[${edit[key]};${modifier}~` : `\x1b[${edit[key]}~`
  }

  if (key in function4) {
    return modifier > 1 ? `\x1b[1;${modifier}${function4[key]}` : `\x1bO${function4[key]}`
  }

  if (key === 'Tab' && event.shiftKey) {
    return '\x1b[Z'
  }

  if (key in plain) {
    return (event.altKey ? '\x1b' : '') + plain[key]
  }

  if (event.ctrlKey) {
    // With Alt the two are AltGr, which types characters.
    return event.altKey ? null : controlOf(key)
  }

  return event.altKey && key.length === 1 ? `\x1b${key}` : null
}

function controlOf(key: string): string | null {
  const letter = key.toLowerCase()
  return /^[a-z]$/.test(letter) ? String.fromCharCode(letter.charCodeAt(0) - 96) : (controls[key] ?? null)
}

/** Pasted text as a terminal sends it: line ends as Enter, and marked as pasted where the program asked for that. */
export function pasted(text: string, isBracketed: boolean): string {
  const lines = text.replace(/\r?\n/g, '\r')
  // The end mark inside of the text would let it act as if it were typed.
  return isBracketed ? `\x1b[200~${lines.replaceAll('\x1b[201~', '')}\x1b[201~` : lines
}
