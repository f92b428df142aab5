import Anser from 'anser'

/** A part of a line with the same look. */
export interface Segment {
  text: string
  classes: string
}

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']
const rgb: [number, number, number][] = [
  [0, 0, 0],
  [187, 0, 0],
  [0, 187, 0],
  [187, 187, 0],
  [0, 0, 187],
  [187, 0, 187],
  [0, 187, 187],
  [220, 220, 220],
]

// Commands to a terminal except colours: the log shows none of their effects.
const commands = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-ln-~]|\x1b[^[\]]|\x1b$/g
const anyControl = /[\x00-\x08\x0b-\x1f\x7f]/
const controls = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g

/** A line without the commands that a terminal would carry out. */
export function plainText(text: string): string {
  if (!anyControl.test(text)) {
    return text
  }

  return Anser.ansiToText(text.replace(commands, '')).replace(controls, '')
}

/** A line as parts with classes. Colours beyond the eight become the nearest of them, because only those are readable in both themes. */
export function segmentsOf(text: string): Segment[] {
  const clean = text.replace(commands, '').replace(controls, '')
  if (!clean.includes('\x1b')) {
    return [{ text: clean, classes: '' }]
  }

  return Anser.ansiToJson(clean, { json: true, use_classes: true, remove_empty: true }).map(part => ({
    text: part.content,
    classes: [
      ...colorClass('fg', part.fg, part.fg_truecolor),
      ...colorClass('bg', part.bg, part.bg_truecolor),
      ...part.decorations.map(decoration => `ansi-${decoration}`),
    ].join(' '),
  }))
}

function colorClass(ground: string, color: string | null, truecolor: string | null): string[] {
  if (!color) {
    return []
  }

  if (color === 'ansi-truecolor') {
    return [`${ground}-${nearest((truecolor ?? '').split(',').map(Number))}`]
  }

  const palette = /^ansi-palette-(\d+)$/.exec(color)
  const name = palette ? nearest(paletteColor(Number(palette[1]))) : color.replace('ansi-', '').replace('bright-', '')
  return [`${ground}-${name}`]
}

function paletteColor(index: number): number[] {
  if (index < 16) {
    return rgb[index % 8]!
  }

  if (index >= 232) {
    const gray = 8 + (index - 232) * 10
    return [gray, gray, gray]
  }

  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40)
  const cube = index - 16
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]
}

function nearest(color: number[]): string {
  const distances = rgb.map(other => other.reduce((sum, value, channel) => sum + (value - (color[channel] ?? 0)) ** 2, 0))
  return names[distances.indexOf(Math.min(...distances))]!
}

export interface Mark {
  start: number
  end: number
}

/** Where a text contains another one. */
export function matchesIn(text: string, wanted: string, isCaseSensitive = false): Mark[] {
  const marks: Mark[] = []
  if (wanted !== '') {
    const lower = isCaseSensitive ? text : text.toLowerCase()
    const needle = isCaseSensitive ? wanted : wanted.toLowerCase()
    for (let at = lower.indexOf(needle); at !== -1; at = lower.indexOf(needle, at + needle.length)) {
      marks.push({ start: at, end: at + needle.length })
    }
  }

  return marks
}

/** Splits parts where marks begin and end; what is inside of a mark gets the class mark. */
export function withMarks(segments: Segment[], wanted: string, isCaseSensitive = false): Segment[] {
  const marks = matchesIn(segments.map(segment => segment.text).join(''), wanted, isCaseSensitive)
  if (marks.length === 0) {
    return segments
  }

  const edges = marks.flatMap(mark => [mark.start, mark.end])
  const result: Segment[] = []
  let offset = 0
  for (const segment of segments) {
    const end = offset + segment.text.length
    const cuts = [offset, ...edges.filter(edge => edge > offset && edge < end), end]
    for (let i = 0; i + 1 < cuts.length; i++) {
      const [from, to] = [cuts[i]!, cuts[i + 1]!]
      const isMarked = marks.some(mark => from >= mark.start && to <= mark.end)
      result.push({ text: segment.text.slice(from - offset, to - offset), classes: isMarked ? `${segment.classes} mark` : segment.classes })
    }

    offset = end
  }

  return result
}
