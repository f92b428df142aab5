import { after, before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { objects, shared } from './shared.mjs'

/** Screens by name; the path may need the objects that were made before. */
const screens = {
  dashboard: () => '/',
  projects: () => '/projects',
  'project-new': () => '/projects/new',
  project: o => `/projects/${o.project.id}`,
  'project-containers': o => `/projects/${o.project.id}/containers`,
  'project-databases': o => `/projects/${o.project.id}/databases`,
  'project-members': o => `/projects/${o.project.id}/members`,
  'project-tokens': o => `/projects/${o.project.id}/tokens`,
  'project-budget': o => `/projects/${o.project.id}/budget`,
  'project-activity': o => `/projects/${o.project.id}/activity`,
  'project-settings': o => `/projects/${o.project.id}/settings`,
  containers: () => '/containers',
  'container-new': o => `/containers/new?project=${o.project.id}`,
  container: o => `/containers/${o.project.id}/${o.container.id}`,
  'container-snapshots': o => `/containers/${o.project.id}/${o.container.id}/snapshots`,
  'container-usage': o => `/containers/${o.project.id}/${o.container.id}/usage`,
  'container-settings': o => `/containers/${o.project.id}/${o.container.id}/settings`,
  databases: () => '/databases',
  'database-new': o => `/databases/new?project=${o.project.id}`,
  database: o => `/databases/${o.database.id}`,
  'database-users': o => `/databases/${o.database.id}/users`,
  'database-backups': o => `/databases/${o.database.id}/backups`,
  'database-restore': o => `/databases/${o.database.id}/restore`,
  'database-resize': o => `/databases/${o.database.id}/resize`,
  'database-settings': o => `/databases/${o.database.id}/settings`,
  jobs: () => '/jobs',
  job: o => `/jobs/${o.container.job_id}`,
  people: () => '/people',
  tiers: () => '/tiers',
  tier: () => '/tiers/dev',
  plugins: () => '/plugins',
  orphans: () => '/orphans',
  events: () => '/events',
  about: () => '/about',
  'profile-keys': () => '/profile/ssh-keys',
  'profile-sessions': () => '/profile/sessions',
  profile: () => '/profile',
}

describe('screens', () => {
  let made, session

  before(async () => {
    const { wombat, browser } = shared
    await wombat.createUser('screens', { platform_role: 'admin' })
    made = await objects()
    const tab = await openTab(browser, wombat)
    await tab.enter('screens')
    session = await tab.session()
    await tab.close()
  })

  describe('in light, dark and 360 pixels wide', () => {
    let tab

    before(async () => (tab = await openTab(shared.browser, shared.wombat, { session })))
    after(() => tab.close())

    for (const [name, path] of Object.entries(screens)) {
      test(name, async () => {
        await tab.look('light')
        await tab.page.goto(path(made))
        await tab.page.getByRole('heading', { level: 1 }).first().waitFor()
        await tab.page.waitForTimeout(300)
        await tab.picture(`${name}-light`)
        await tab.assertAccessible()
        await tab.look('dark')
        await tab.picture(`${name}-dark`)
        await tab.assertAccessible()
        await tab.look('light', 360)
        await tab.picture(`${name}-narrow`)
        await tab.assertFits()
        await tab.assertClean()
      })
    }
  })
})
