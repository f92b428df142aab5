import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { failedTrace, failure } from './browser.mjs'
import { pathOf, screens } from './screenList.mjs'
import { objects, shared } from './shared.mjs'
import { lookAt, openTabs } from './tabs.mjs'

describe('screens', { concurrency: 2 }, () => {
  let made, tabs

  before(async () => {
    const person = await shared.wombat.createUser('screens', { platform_role: 'admin' })
    made = { ...(await objects()), person }
    tabs = await openTabs(2, 'screens')
  })

  after(() => tabs.close())

  for (const [name, screen] of Object.entries(screens)) {
    test(name, () => tabs.use(tab => showScreen(tab, name, screen, made)))
  }
})

async function showScreen(tab, name, screen, made) {
  const { page } = tab
  const path = pathOf(screen, made)
  const [, read] = screen
  const mend = read && (await tab.fail(read, name.length % 2 ? 500 : 503))
  await tab.visitUnread(path)
  if (mend) {
    await fails(tab, name)
    await mend()
    for (const retry of await page.getByRole('alert').getByRole('button', { name: 'Try again' }).all()) {
      await retry.click()
    }

    await page.getByRole('alert').filter({ hasText: failure }).first().waitFor({ state: 'hidden' })
  }

  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await lookAt(tab, name, { expected: /status of 50[03]/ })
}

/** The screen says what failed, with the trace id and the way to try again. */
async function fails(tab, name) {
  const alert = tab.page.getByRole('alert').filter({ hasText: failure }).first()
  await alert.waitFor()
  assert.match(await alert.textContent(), new RegExp(failedTrace))
  await alert.getByRole('button', { name: 'Try again' }).waitFor()
  await tab.picture(`${name}-broken`)
  await tab.assertFits()
}
