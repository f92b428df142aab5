import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { objects, shared } from './shared.mjs'

const titles = {
  container: {
    start: 'Start', stop: 'Stop', restart: 'Restart', console: 'Console', delete: 'Delete container', forget: 'Forget container',
  },
  database: {
    backup: 'Back up now', drill: 'Start restore drill', freeze: 'Freeze', restart: 'Restart', resize: 'Resize', restore: 'Restore into a new database',
    restore_in_place: 'Restore in place', delete: 'Delete database', forget: 'Forget',
  },
  project: { update: 'Edit', delete: 'Delete project' },
}
const roles = ['viewer', 'developer', 'project_manager', 'admin', 'stranger']

describe('access', { concurrency: 2 }, () => {
  let made

  before(async () => (made = await objects()))

  for (const role of roles) {
    test(`a ${role} sees what the server tells of actions, and nothing of other projects`, async () => {
      const { wombat } = shared
      const { tab, token, foreign } = await enter(role, made)
      const { page } = tab
      const paths = {
        project: [`/projects/${made.project.id}`, `/projects/${made.project.id}`],
        container: [`/containers/${made.project.id}/${made.container.id}`, `/projects/${made.project.id}/containers/${made.container.id}`],
        database: [`/databases/${made.database.id}`, `/databases/${made.database.id}`],
      }
      for (const [noun, [path, resource]] of Object.entries(paths)) {
        await page.goto(path)
        if (role === 'stranger') {
          await isHidden(page, made[noun].name)
        } else {
          const { actions } = await wombat.api('GET', resource, undefined, token)
          await page.getByRole('heading', { name: made[noun].name, level: 1 }).waitFor()
          await tab.settled()
          // The server lists no action for a restore into a new database.
          const allowed = action => actions.includes(action) || (action === 'restore' && actions.length > 0)
          assert.deepEqual(await shown(page, titles[noun]), Object.keys(titles[noun]).filter(allowed), `${role}: ${noun}`)
        }
      }

      await page.goto('/projects')
      await page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor()
      await tab.settled()
      assert.equal(await page.getByText(foreign.name).count(), role === 'admin' ? 1 : 0)
      assert.equal(await page.getByRole('link', { name: made.project.name }).count() > 0, role !== 'stranger')
      assert.equal(await page.getByRole('link', { name: 'People' }).count(), role === 'admin' ? 1 : 0)
      if (role !== 'admin') {
        await page.goto(`/projects/${foreign.id}`)
        await isHidden(page, foreign.name)
        await page.goto('/projects')
      }

      await tab.assertClean(/status of 40[34]/)
      await tab.close()
    })
  }

  test('a member sees live what changes in its project', async () => {
    const { wombat } = shared
    const project = await wombat.createProject('Own of a member')
    const { tab, user } = await enter('developer', { project }, 'live')
    await tab.page.goto(`/projects/${project.id}`)
    await tab.page.getByRole('heading', { name: project.name, level: 1 }).waitFor()
    await tab.page.waitForTimeout(500)
    await wombat.api('PATCH', `/projects/${project.id}`, { name: 'Renamed for a member' })
    await tab.page.getByRole('heading', { name: 'Renamed for a member', level: 1 }).waitFor({ timeout: 8_000 })
    await wombat.api('DELETE', `/projects/${project.id}/members/${user.id}`)
    await tab.page.goto(`/projects/${project.id}`)
    await isHidden(tab.page, 'Renamed for a member')
    await tab.page.goto('/projects')
    await tab.assertClean(/status of 404/)
    await tab.close()
  })
})

/** A tab of a new user with this role in the project, an access token of the user, and a project that is not the user's. */
async function enter(role, { project }, prefix = 'access') {
  const { wombat, browser } = shared
  const login = `${prefix}-${role.replace('_', '-')}`
  const user = await wombat.createUser(login, role === 'admin' ? { platform_role: 'admin' } : {})
  if (!['admin', 'stranger'].includes(role)) {
    await wombat.api('POST', `/projects/${project.id}/members`, { user_id: user.id, role })
  }

  const foreign = await wombat.createProject(`Foreign to ${login} ${Date.now()}`, { visibility: 'private' })
  const { token } = await wombat.api('POST', `/users/${user.id}/tokens`, { name: 'compare', scopes: ['manage'] })
  const tab = await openTab(browser, wombat)
  await tab.enter(login)
  return { tab, user, token, foreign }
}

async function isHidden(page, name) {
  await page.getByRole('alert').getByText(/not found|no .*(project|container|database)/i).first().waitFor()
  assert.equal(await page.getByText(name, { exact: true }).count(), 0)
}

/** The actions that the page offers: as a button of the head, or in its menu. */
async function shown(page, byAction) {
  const head = page.locator('header.header')
  const offered = await head.locator('.actions').getByRole('button').or(head.locator('.actions').getByRole('link')).allInnerTexts()
  const menu = head.getByRole('button', { name: 'More actions' })
  if ((await menu.count()) > 0) {
    await menu.click()
    const items = page.locator('.v-overlay--active .v-list-item-title')
    await items.first().waitFor()
    offered.push(...(await items.allInnerTexts()))
    await page.keyboard.press('Escape')
  }

  return Object.keys(byAction).filter(action => offered.some(text => text.trim() === byAction[action]))
}
