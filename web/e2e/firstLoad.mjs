import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'
import { firstScreen } from './weight.mjs'

const limit = 275 * 1024

test('the first useful screen takes at most 275 KiB', async () => {
  await shared.wombat.createUser('first-load', { platform_role: 'admin' })
  await shared.wombat.createProject('Weighed')
  const tab = await openTab(shared.browser, shared.wombat)
  await tab.enter('first-load')
  const { bytes, sizes } = await firstScreen(tab)
  const largest = sizes.sort(([, a], [, b]) => b - a).slice(0, 8).map(([file, size]) => `${file} ${size}`)
  assert.ok(sizes.length > 10, 'the files of the page were not seen')
  assert.ok(bytes <= limit, `${bytes} bytes, more than ${limit}; the largest files: ${largest.join(', ')}`)
  await tab.close()
})
