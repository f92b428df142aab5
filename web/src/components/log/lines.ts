export interface LineRange {
  first: number
  last: number
}

/** Lines of an address: #L120 or #L120-L140. */
export function rangeOf(hash: string): LineRange | null {
  const match = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/.exec(hash)
  if (!match) {
    return null
  }

  const [a, b] = [Number(match[1]), Number(match[2] ?? match[1])]
  return a < 1 || b < 1 ? null : { first: Math.min(a, b), last: Math.max(a, b) }
}

export function hashOf(range: LineRange): string {
  return range.first === range.last ? `#L${range.first}` : `#L${range.first}-L${range.last}`
}

/** Lines as a quotation with the address where they are. */
export function quote(texts: readonly string[], link: string): string {
  return [...texts.map(text => `> ${text}`), '', link].join('\n')
}
