import { after, before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'

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
  'project-activity': o => `/projects/${o.project.id}/activity`,
  'project-settings': o => `/projects/${o.project.id}/settings`,
  profile: () => '/profile',
}

describe('screens', () => {
  const objects = {}
  let session

  before(async () => {
    const { wombat, browser } = shared
    await wombat.createUser('screens', { platform_role: 'admin' })
    objects.project = await wombat.createProject('A project with everything', { description: 'For pictures.', tags: ['one', 'two'] })
    const tab = await openTab(browser, wombat)
    await tab.signIn('screens')
    session = await tab.session()
    await tab.close()
  })

  for (const [look, options] of Object.entries({ light: {}, dark: { theme: 'dark' }, narrow: { width: 360, height: 740 } })) {
    describe(look, () => {
      let tab

      before(async () => (tab = await openTab(shared.browser, shared.wombat, { ...options, session })))
      after(() => tab.close())

      for (const [name, path] of Object.entries(screens)) {
        test(name, async () => {
          await tab.page.goto(path(objects))
          await tab.page.getByRole('heading', { level: 1 }).first().waitFor()
          await tab.page.waitForTimeout(300)
          await tab.picture(`${name}-${look}`)
          await tab.assertFits()
          await tab.assertAccessible()
          await tab.assertClean()
        })
      }
    })
  }
})
