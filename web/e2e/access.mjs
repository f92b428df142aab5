import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'

describe('access', () => {
  for (const role of ['viewer', 'developer', 'project_manager']) {
    test(`a ${role} sees its own project and no other, and live what changes in it`, async () => {
      const { wombat } = shared
      const user = await wombat.createUser(`a-${role.replace('_', '-')}`)
      const own = await wombat.createProject(`Own of ${role}`)
      const foreign = await wombat.createProject(`Foreign to ${role}`, { visibility: 'private' })
      await wombat.api('POST', `/projects/${own.id}/members`, { user_id: user.id, role })
      const tab = await openTab(shared.browser, wombat)
      await tab.signIn(`a-${role.replace('_', '-')}`)
      await tab.page.goto('/projects')
      await tab.page.getByRole('link', { name: own.name }).waitFor()
      assert.equal(await tab.page.getByText(foreign.name).count(), 0)
      assert.equal(await tab.page.getByRole('link', { name: 'People' }).count(), 0)
      await tab.page.goto(`/projects/${foreign.id}`)
      await tab.page.getByRole('alert').first().waitFor()
      await tab.page.goto(`/projects/${own.id}`)
      await tab.page.getByRole('heading', { name: own.name, level: 1 }).waitFor()
      await tab.page.waitForTimeout(500)
      await wombat.api('PATCH', `/projects/${own.id}`, { name: `Renamed for ${role}` })
      await tab.page.getByRole('heading', { name: `Renamed for ${role}`, level: 1 }).waitFor({ timeout: 8_000 })
      await tab.assertClean(/status of 404/)
      await tab.close()
    })
  }
})
