import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'
import { sleep } from './wombat.mjs'

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
  commands: () => '/commands',
  'command-new': o => `/commands/new?project=${o.project.id}&workspace=${o.workspace.id}&target=greet`,
  command: o => `/commands/${o.command.id}`,
  'command-runs': o => `/commands/${o.command.id}/runs`,
  'command-settings': o => `/commands/${o.command.id}/settings`,
  'project-commands': o => `/projects/${o.project.id}/commands`,
  runs: () => '/runs',
  run: o => `/runs/${o.run.id}`,
  'run-failed': o => `/runs/${o.failed.id}`,
  'runs-compare': o => `/runs/compare?first=${o.run.id}&second=${o.failed.id}`,
  workspaces: () => '/workspaces',
  'workspace-new': () => '/workspaces/new',
  workspace: o => `/workspaces/${o.workspace.id}`,
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
  const objects = {}
  let session, folder

  async function runCommands() {
    const { wombat } = shared
    folder = mkdtempSync(join(tmpdir(), 'wombat-make-'))
    writeFileSync(join(folder, 'Makefile'), 'greet: ## Greet\n\t@echo "Hello $$WHO"; exit $$CODE\n', { mode: 0o644 })
    // Runs are executed by another account.
    chmodSync(folder, 0o755)
    objects.workspace = await wombat.api('POST', '/workspaces', { name: 'site', path: folder, project_id: objects.project.id })
    objects.command = await wombat.api('POST', '/commands', {
      name: 'greet',
      description: 'Says hello.',
      kind: 'make',
      project_id: objects.project.id,
      workspace_id: objects.workspace.id,
      target: 'greet',
      parameters: [
        { name: 'WHO', default: 'world' },
        { name: 'CODE', type: 'integer', min: 0, max: 9, default: '0' },
        { name: 'TOKEN', type: 'secret' },
      ],
    })
    objects.run = await wombat.api('POST', `/commands/${objects.command.id}/runs`, { parameters: { TOKEN: 'hidden' } })
    objects.failed = await wombat.api('POST', `/commands/${objects.command.id}/runs`, { parameters: { CODE: '3' } })
    await wombat.finished(objects.run.id)
    await wombat.finished(objects.failed.id)
  }

  after(() => folder && rmSync(folder, { recursive: true, force: true }))

  before(async () => {
    const { wombat, browser } = shared
    await wombat.createUser('screens', { platform_role: 'admin' })
    objects.project = await wombat.createProject('A project with everything', { description: 'For pictures.', tags: ['one', 'two'] })
    objects.container = await wombat.api('POST', `/projects/${objects.project.id}/containers`, { template: 'busybox', name: 'web' })
    objects.database = await wombat.api('POST', `/projects/${objects.project.id}/databases`, { name: 'orders', tier: 'dev' })
    await wombat.finished(objects.container.job_id)
    await wombat.finished(objects.database.job_id)
    await runCommands()
    // The interface of the container gets its addresses.
    await sleep(3_000)
    const tab = await openTab(browser, wombat)
    await tab.signIn('screens')
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
        await tab.page.goto(path(objects))
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
