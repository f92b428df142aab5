import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = resolve(import.meta.dirname, '../../Wombat.Api/bin/Release/net10.0/page')

/**
 * Loads the list of projects, the first useful screen, in a tab with an empty cache. Returns the files of the page that this asks for, and
 * their bytes as gzip; browsers ask for brotli, which is smaller, where the connection is encrypted.
 */
export async function firstScreen(tab) {
  const files = new Set(['index.html'])
  await tab.context.route(/\/assets\//, route => {
    files.add(new URL(route.request().url()).pathname.slice(1))
    return route.continue()
  })
  await tab.page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('tr.data')) {
        performance.mark('first-row')
        observer.disconnect()
      }
    })
    observer.observe(document, { childList: true, subtree: true })
  })
  await tab.page.goto('/projects')
  await tab.page.locator('tr.data').first().waitFor()
  await tab.page.waitForTimeout(1_000)
  const sizes = [...files].map(file => [file, statSync(existsSync(join(folder, `${file}.gz`)) ? join(folder, `${file}.gz`) : join(folder, file)).size])
  return { bytes: sizes.reduce((sum, [, size]) => sum + size, 0), sizes }
}
