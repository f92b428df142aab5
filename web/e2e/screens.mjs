import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { failedTrace, failure } from './browser.mjs'
import { objects, shared } from './shared.mjs'
import { lookAt, openTabs } from './tabs.mjs'

/**
 * Screens by name: the path, which may need the objects that were made before, and the read without which the screen shows nothing; forms
 * read nothing. Where an earlier screen has read the same, the page is loaded again.
 */
const screens = {
  dashboard: ['/', /^\/projects\?/],
  projects: ['/projects', /^\/projects\?/],
  'project-new': ['/projects/new'],
  project: [o => `/projects/${o.project.id}`, /^\/projects\/[^/]+$/, { isFresh: true }],
  'project-containers': [o => `/projects/${o.project.id}/containers`, /\/containers\?/],
  'project-databases': [o => `/projects/${o.project.id}/databases`, /^\/databases\?/],
  'project-members': [o => `/projects/${o.project.id}/members`, /\/members/],
  'project-tokens': [o => `/projects/${o.project.id}/tokens`, /\/tokens/],
  'project-budget': [o => `/projects/${o.project.id}/budget`, /\/budget/, { isFresh: true }],
  'project-activity': [o => `/projects/${o.project.id}/activity`, /^\/events\?/],
  'project-settings': [o => `/projects/${o.project.id}/settings`],
  containers: ['/containers', /^\/containers\?/],
  'container-new': [o => `/containers/new?project=${o.project.id}`, /^\/templates/, { isFresh: true }],
  container: [o => `/containers/${o.project.id}/${o.container.id}`, /\/containers\/[^/]+$/, { isFresh: true }],
  'container-snapshots': [o => `/containers/${o.project.id}/${o.container.id}/snapshots`, /\/snapshots/],
  'container-command': [o => `/containers/${o.project.id}/${o.container.id}/command`],
  'container-usage': [o => `/containers/${o.project.id}/${o.container.id}/usage`, /\/metrics/],
  'container-activity': [o => `/containers/${o.project.id}/${o.container.id}/activity`, /\/events/],
  'container-jobs': [o => `/containers/${o.project.id}/${o.container.id}/jobs`, /^\/jobs\?/],
  'container-settings': [o => `/containers/${o.project.id}/${o.container.id}/settings`],
  'container-console': [o => `/containers/${o.project.id}/${o.container.id}/console`, /\/containers\/[^/]+$/, { isFresh: true }],
  databases: ['/databases', /^\/databases\?/],
  'database-new': [o => `/databases/new?project=${o.project.id}`, /^\/tiers/, { isFresh: true }],
  database: [o => `/databases/${o.database.id}`, /^\/databases\/[^/]+$/, { isFresh: true }],
  'database-users': [o => `/databases/${o.database.id}/users`, /\/users/],
  'database-backups': [o => `/databases/${o.database.id}/backups`, /\/backups/],
  'database-events': [o => `/databases/${o.database.id}/events`, /\/events/],
  'database-extensions': [o => `/databases/${o.database.id}/extensions`, /\/extensions/],
  'database-restore': [o => `/databases/${o.database.id}/restore`, /\/backups/, { isFresh: true }],
  'database-resize': [o => `/databases/${o.database.id}/resize`, /^\/tiers/, { isFresh: true }],
  'database-settings': [o => `/databases/${o.database.id}/settings`],
  jobs: ['/jobs', /^\/jobs\?/],
  job: [o => `/jobs/${o.container.job_id}`, /^\/jobs\/[^/]+$/, { isFresh: true }],
  people: ['/people', /^\/users\?/],
  'person-new': ['/people/new'],
  directory: ['/people/directory', /^\/jobs\?/],
  person: [o => `/people/${o.person.id}`, /^\/users\/[^/]+$/],
  'person-identities': [o => `/people/${o.person.id}/identities`, /\/identities/],
  'person-sessions': [o => `/people/${o.person.id}/sessions`, /\/sessions/],
  'person-tokens': [o => `/people/${o.person.id}/tokens`, /\/tokens/],
  'person-keys': [o => `/people/${o.person.id}/keys`, /\/ssh-keys/],
  tiers: ['/tiers', /^\/tiers/, { isFresh: true }],
  'tier-new': ['/tiers/new'],
  tier: ['/tiers/dev', /^\/tiers\/dev$/],
  'tier-edit': ['/tiers/dev/edit'],
  'tier-databases': ['/tiers/dev/databases', /\/databases/],
  plugins: ['/plugins', /^\/plugins/, { isFresh: true }],
  orphans: ['/orphans', /^\/orphans/],
  events: ['/events', /^\/events\?/],
  about: ['/about'],
  profile: ['/profile'],
  'profile-keys': ['/profile/ssh-keys', /\/ssh-keys/],
  'profile-tokens': ['/profile/tokens', /\/tokens/],
  'profile-sessions': ['/profile/sessions', /\/sessions/],
  'profile-password': ['/profile/password'],
}

describe('screens', { concurrency: 2 }, () => {
  let made, tabs

  before(async () => {
    const person = await shared.wombat.createUser('screens', { platform_role: 'admin' })
    made = { ...(await objects()), person }
    tabs = await openTabs(2, 'screens')
  })

  after(() => tabs.close())

  for (const [name, [path, read, { isFresh = false } = {}]] of Object.entries(screens)) {
    test(name, () => tabs.use(tab => showScreen(tab, name, typeof path === 'string' ? path : path(made), read, isFresh)))
  }
})

async function showScreen(tab, name, path, read, isFresh) {
  const { page } = tab
  const mend = read && (await tab.fail(read, name.length % 2 ? 500 : 503))
  await (isFresh ? page.goto(path) : tab.visit(path))
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
