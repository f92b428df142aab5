import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'

/** Tabs of one user for tests that run beside each other; each waits now and then, so that two take less time than one. */
export async function openTabs(count, login, prepare = () => {}) {
  const tabs = await Promise.all(Array.from({ length: count }, () => openTab(shared.browser, shared.wombat)))
  for (const tab of tabs) {
    await tab.enter(login)
    await prepare(tab.page)
    await tab.page.goto('/about')
    await tab.page.getByRole('heading', { level: 1 }).first().waitFor()
  }

  const free = [...tabs]
  return {
    async use(work) {
      const tab = free.pop()
      try {
        await work(tab)
      } finally {
        free.push(tab)
      }
    },
    close: () => Promise.all(tabs.map(tab => tab.close())),
  }
}

/**
 * What must hold for everything that is shown, in both themes and 360 pixels wide; errors of the console may match expected. With within
 * only what matches it is checked for accessibility, where the rest was before.
 */
export async function lookAt(tab, name, { expected, within } = {}) {
  await tab.settled()
  await tab.picture(`${name}-light`)
  await tab.assertAccessible({ within })
  // Of the rules only this one depends on the theme.
  await tab.look('dark')
  await tab.picture(`${name}-dark`)
  await tab.assertAccessible({ within, rules: ['color-contrast'] })
  await tab.look('light', 360)
  await tab.picture(`${name}-narrow`)
  await tab.assertFits()
  await tab.look('light')
  await tab.assertClean(expected)
}
