import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { promisify } from 'node:util'

const compressible = /\.(js|css|html|svg|json|txt)$/

/** Writes a .br and a .gz beside every text file of the build, so that the server compresses nothing at run time. */
export function compress() {
  let folder
  return {
    name: 'compress',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async closeBundle() {
      const files = await readdir(folder, { recursive: true })
      await Promise.all(files.filter(file => compressible.test(file)).map(file => compressFile(join(folder, file))))
    },
  }
}

async function compressFile(file) {
  const content = await readFile(file)
  const br = await promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
  const gz = await promisify(gzip)(content, { level: 9 })
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)])
}
