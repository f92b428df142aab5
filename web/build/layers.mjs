import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/styles/order.css', import.meta.url))

/**
 * Links the order of the cascade's layers as the first style sheet. In the entry's own sheet it would come after those of the chunks that
 * the entry shares, and the first mention of a layer decides.
 */
export function layersFirst() {
  return {
    name: 'layers-first',
    apply: 'build',
    async buildStart() {
      this.emitFile({ type: 'asset', name: 'order.css', source: await readFile(source, 'utf8') })
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, context) {
        const file = Object.values(context.bundle).find(output => output.type === 'asset' && output.names?.includes('order.css'))
        return [{ tag: 'link', attrs: { rel: 'stylesheet', href: `/${file.fileName}` }, injectTo: 'head-prepend' }]
      },
    },
  }
}
