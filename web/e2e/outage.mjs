import { describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'

describe('outage', () => {
  test('the page says that it is not live while the server is away, and comes back by itself', async () => {
    const { wombat } = shared
    await wombat.createUser('outage', { platform_role: 'admin' })
    const tab = await openTab(shared.browser, wombat)
    await tab.signIn('outage')
    await tab.page.goto('/projects')
    await tab.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor()
    await wombat.stop()
    await tab.page.getByText(/not live/i).first().waitFor({ timeout: 30_000 })
    await wombat.run()
    const name = `After the outage ${Date.now()}`
    await wombat.createProject(name)
    await tab.page.getByRole('link', { name }).waitFor({ timeout: 30_000 })
    await tab.page.getByText(/not live/i).first().waitFor({ state: 'hidden' })
    await tab.assertClean(/ERR_|status of 50|Failed to fetch/)
    await tab.close()
  })
})
