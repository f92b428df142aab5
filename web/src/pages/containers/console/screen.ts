import type { IBufferCell, IBufferLine, Terminal } from '@xterm/headless'

/** Cells of a row with the same look. Colours that are no class are CSS colours. */
export interface Run {
  text: string
  classes: string
  color?: string
  background?: string
  /** Columns, where a character takes two. */
  columns?: number
}

export interface ScreenRow {
  number: number
  runs: Run[]
}

/** The rows that are shown: the last ones, or so many lines back. */
export function rowsOf(terminal: Terminal, back: number, hasFocus: boolean): ScreenRow[] {
  const buffer = terminal.buffer.active
  const first = Math.max(0, buffer.baseY - back)
  const cursorRow = buffer.baseY + buffer.cursorY
  const rows: ScreenRow[] = []
  for (let number = first; number < first + terminal.rows; number++) {
    const line = buffer.getLine(number)
    const cursor = number === cursorRow ? Math.min(buffer.cursorX, terminal.cols - 1) : -1
    rows.push({ number: number - first, runs: line ? runsOf(line, terminal.cols, cursor, hasFocus) : [] })
  }

  return rows
}

function runsOf(line: IBufferLine, columns: number, cursor: number, hasFocus: boolean): Run[] {
  const runs: Run[] = []
  let last: Run | null = null
  let key = ''
  const used = Math.max(lengthOf(line, columns), cursor + 1)
  for (let x = 0; x < used; x++) {
    const cell = line.getCell(x)
    if (!cell || cell.getWidth() === 0) {
      continue
    }

    const run = lookOf(cell)
    if (x === cursor) {
      run.classes += hasFocus ? ' cursor' : ' cursor-idle'
    }

    const text = cell.getChars() || ' '
    if (cell.getWidth() === 2) {
      run.columns = 2
    }

    const look = `${run.classes}/${run.color}/${run.background}`
    if (last && look === key && run.columns === undefined && x !== cursor) {
      last.text += text
    } else {
      last = { ...run, text }
      key = run.columns || x === cursor ? '' : look
      runs.push(last)
    }
  }

  return runs
}

function lengthOf(line: IBufferLine, columns: number): number {
  let length = Math.min(line.length, columns)
  while (length > 0) {
    const cell = line.getCell(length - 1)
    if (cell && (cell.getChars() !== '' || !cell.isBgDefault() || cell.isInverse())) {
      break
    }

    length--
  }

  return length
}

function lookOf(cell: IBufferCell): Run {
  const classes = [
    cell.isBold() ? 'bold' : '',
    cell.isDim() ? 'dim' : '',
    cell.isItalic() ? 'italic' : '',
    cell.isUnderline() ? 'underline' : '',
    cell.isStrikethrough() ? 'strike' : '',
    cell.isInvisible() ? 'invisible' : '',
  ].filter(Boolean)
  let foreground = cell.isFgDefault() ? undefined : colorOf(cell.getFgColor(), cell.isFgRGB())
  let background = cell.isBgDefault() ? undefined : colorOf(cell.getBgColor(), cell.isBgRGB())
  if (!cell.isBgDefault() && cell.isBgPalette() && cell.getBgColor() < 16) {
    // The colours of text are bright, because the screen is dark; text on them would be unreadable.
    background = grounds[cell.getBgColor() % 8]
    foreground = cell.isFgDefault() || cell.getFgColor() === 0 ? '#ffffff' : foreground
  }

  if (cell.isInverse()) {
    ;[foreground, background] = [background ?? 'var(--screen)', foreground ?? 'var(--text)']
  }

  return { text: '', classes: classes.join(' '), color: foreground, background }
}

const base = [
  '#5c6675', '#ff8f85', '#56c78d', '#e5b04f', '#86abff', '#dc9bea', '#5cc8d7', '#c9d1dc',
  '#8a94a3', '#ffb0a8', '#7fdcab', '#f0c878', '#a9c3ff', '#e9bdf2', '#8adbe6', '#ffffff',
]

const grounds = ['#2b323d', '#7c211a', '#125234', '#634600', '#23418c', '#62286f', '#0c5059', '#4b5563']

/** The colour of a number from 0 to 255, or of the three bytes of a number. */
export function colorOf(value: number, isRgb: boolean): string {
  if (isRgb) {
    return `#${value.toString(16).padStart(6, '0')}`
  }

  if (value < 16) {
    return base[value]!
  }

  if (value >= 232) {
    const gray = 8 + (value - 232) * 10
    return `rgb(${gray}, ${gray}, ${gray})`
  }

  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const cube = value - 16
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`
}
