import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { Line } from './line.mjs'
import { shared } from './shared.mjs'

describe('network', { concurrency: true }, () => {
  let session

  before(async () => {
    await shared.wombat.createUser('network', { platform_role: 'admin' })
    const tab = await openTab(shared.browser, shared.wombat)
    await tab.enter('network')
    session = await tab.session()
    await tab.close()
  })

  test('a cut of the network is shown with its age, goes by itself, and what changed meanwhile is there', async () => {
    const { wombat, browser } = shared
    const project = await wombat.createProject('Before the cut')
    const line = await Line.to(wombat)
    const tab = await openTab(browser, line, { session })
    const { page } = tab
    await page.goto(`/projects/${project.id}`)
    await page.getByRole('heading', { name: 'Before the cut', level: 1 }).waitFor()
    await page.waitForTimeout(500)
    line.cut()
    await tab.context.setOffline(true)
    await page.getByText(/^Not live, last update 1\d s ago$/).waitFor({ timeout: 40_000 })
    await tab.picture('network-cut')
    await wombat.api('PATCH', `/projects/${project.id}`, { name: 'Renamed during the cut' })
    assert.equal(await page.getByRole('heading', { name: 'Renamed during the cut' }).count(), 0)
    line.mend()
    await tab.context.setOffline(false)
    await page.getByRole('heading', { name: 'Renamed during the cut', level: 1 }).waitFor()
    await page.getByText(/^Not live/).waitFor({ state: 'hidden' })
    // How a request ends depends on the moment of the cut.
    await tab.assertClean(/^Failed to load resource: net::ERR_/)
    await tab.close()
    line.close()
  })

  test('what one browser changes the other one shows within a second', async () => {
    const { wombat, browser } = shared
    const project = await wombat.createProject('Seen by two')
    const [one, other] = await Promise.all([openTab(browser, wombat, { session }), openTab(browser, wombat, { session })])
    await one.page.goto(`/projects/${project.id}/settings`)
    await other.page.goto(`/projects/${project.id}`)
    await other.page.getByRole('heading', { name: 'Seen by two', level: 1 }).waitFor()
    await other.page.waitForTimeout(500)
    await one.page.getByLabel('Name', { exact: true }).fill('Changed by one')
    const saved = one.page.waitForResponse(response => response.request().method() === 'PATCH')
    await one.page.getByRole('button', { name: 'Save changes' }).click()
    assert.equal((await saved).status(), 200)
    await other.page.getByRole('heading', { name: 'Changed by one', level: 1 }).waitFor({ timeout: 1_000 })
    await Promise.all([one, other].map(tab => tab.assertClean()))
    await Promise.all([one, other].map(tab => tab.close()))
  })
})
