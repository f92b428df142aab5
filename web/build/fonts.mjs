import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import subsetFont from 'subset-font'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
export const fontFolder = join(modules, '.cache/fonts')

// Latin-1 and the punctuation of the catalogue. Other characters, as in names, come from the system's fonts.
const ranges = [
  [0x20, 0x7e],
  [0xa0, 0xff],
]
const others = '–—‘’“”•…→←↑↓⇧⌘≤≥≠−×€✓'
const characters = ranges.map(([from, to]) => String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, i) => from + i))).join('') + others

const fonts = [
  {
    from: '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
    to: 'inter.woff2',
    options: { variationAxes: { wght: { min: 400, max: 600 } } },
  },
  { from: '@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2', to: 'mono.woff2', options: {} },
]

/** Subsets the fonts into a folder from which the styles import them, so that their names are hashed by their content. */
export function subsetFonts() {
  return {
    name: 'subset-fonts',
    async config() {
      await mkdir(fontFolder, { recursive: true })
      await Promise.all(fonts.map(writeSubset))
    },
  }
}

async function writeSubset({ from, to, options }) {
  const source = join(modules, from)
  const target = join(fontFolder, to)
  if (await isNewer(target, [source, fileURLToPath(import.meta.url)])) {
    return
  }

  await writeFile(target, await subsetFont(await readFile(source), characters, { targetFormat: 'woff2', ...options }))
}

async function isNewer(target, sources) {
  try {
    const own = (await stat(target)).mtimeMs
    const times = await Promise.all(sources.map(async source => (await stat(source)).mtimeMs))
    return times.every(time => time < own)
  } catch {
    return false
  }
}
