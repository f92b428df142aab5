import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'

const makefile = `
.PHONY: steps nap

steps: ## Print steps
\t@echo "first of $$VERSION"; sleep 1; echo "second of $$VERSION"; sleep 1; echo "last of $$VERSION"

nap: ## Sleep
\t@echo asleep; sleep 1000
`

describe('commands', () => {
  let tab, page, folder, project

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wombat-make-'))
    writeFileSync(join(folder, 'Makefile'), makefile, { mode: 0o644 })
    // Runs are executed by another account.
    chmodSync(folder, 0o755)
    await shared.wombat.createUser('commands-admin', { platform_role: 'admin' })
    project = await shared.wombat.createProject('Commands')
    tab = await openTab(shared.browser, shared.wombat)
    page = tab.page
    await tab.signIn('commands-admin')
  })

  after(async () => {
    await tab.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The screens without what was typed are in screens.mjs. */
  async function assertLooksRight() {
    await tab.assertAccessible()
    await tab.look('dark')
    await tab.assertAccessible()
    await tab.look('light', 360)
    await tab.assertFits()
    await tab.look('light')
    await tab.assertClean()
  }

  /** Creates the command of a target from the page of the workspace. */
  async function createFrom(target) {
    await page.getByRole('row', { name: new RegExp(`^${target} `) }).getByRole('link', { name: 'Create command' }).click()
    await page.getByRole('heading', { name: 'Create command', level: 1 }).waitFor()
    assert.equal(await page.getByLabel('Name', { exact: true }).first().inputValue(), target)
  }

  test('a directory becomes a workspace, and the server names a path that is wrong', async () => {
    await page.goto(`/workspaces/new?project=${project.id}`)
    await page.getByLabel('Name', { exact: true }).fill('site')
    await page.getByLabel('Directory', { exact: true }).fill(`${folder}-missing`)
    await page.getByRole('button', { name: 'Register workspace site' }).click()
    await page.getByText('does not exist on this machine').waitFor()
    await tab.assertClean(/status of 400/)
    await page.getByLabel('Directory', { exact: true }).fill(folder)
    await page.getByRole('button', { name: 'Register workspace site' }).click()
    await page.getByText('Print steps').waitFor()
    await tab.assertClean()
  })

  test('a target becomes a command, whose output is seen while it is written', async () => {
    await createFrom('steps')
    await page.getByRole('button', { name: 'Add parameter' }).click()
    const parameter = page.getByRole('group')
    await parameter.getByLabel('Name', { exact: true }).fill('VERSION')
    await parameter.getByLabel('A run must give a value').check()
    await page.getByRole('button', { name: 'Create command steps' }).click()
    await page.getByText('Fill in VERSION to see what is executed.').waitFor()
    await page.getByLabel('VERSION').fill('1.2')
    const plan = page.getByRole('region', { name: 'Plan' })
    await plan.getByText('VERSION=').waitFor()
    assert.match(await plan.textContent(), /make\s*--\s*steps/)
    await assertLooksRight()
    await page.getByRole('button', { name: 'Run steps' }).click()
    const log = page.getByRole('region', { name: /log/i }).first()
    await log.getByText('first of 1.2').waitFor()
    assert.equal(await log.getByText('last of 1.2').count(), 0)
    await log.getByText('last of 1.2').waitFor()
    await page.getByText('Exit code 0').waitFor()
    await page.getByText('Nothing is left, proven').waitFor()
    await tab.assertClean()
  })

  test('the log of a run that has ended is replayed in its time', async () => {
    await page.getByRole('button', { name: 'Replay', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('first of 1.2').waitFor()
    assert.equal(await dialog.getByText('last of 1.2').count(), 0)
    await assertLooksRight()
    await dialog.getByText('last of 1.2').waitFor()
    await dialog.getByText('The end of the log').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await tab.assertClean()
  })

  test('a run that sleeps is cancelled with proof that nothing is left', async () => {
    await page.goto('/workspaces')
    await page.getByRole('link', { name: 'site' }).click()
    await createFrom('nap')
    await page.getByRole('button', { name: 'Create command nap' }).click()
    await page.getByRole('button', { name: 'Run nap' }).click()
    await page.getByText('asleep').waitFor()
    await page.getByRole('button', { name: 'Cancel run' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click()
    await page.getByText('Nothing is left, proven').waitFor()
    await page.getByText(/^Sent SIGTERM/).waitFor()
    await page.getByText('The run was cancelled').waitFor()
    await tab.assertClean()
  })

  test('two runs of the history are compared', async () => {
    await page.goto(`/runs?project=${project.id}`)
    await page.getByLabel('Select the run of steps to compare it').check()
    await page.getByLabel('Select the run of nap to compare it').check()
    await page.getByRole('link', { name: 'Compare', exact: true }).click()
    await page.getByRole('row', { name: /^Arguments differs/ }).waitFor()
    await tab.assertClean()
  })

  test('a host is registered, and the server names an address that is wrong', async () => {
    await page.goto(`/hosts/new?project=${project.id}`)
    await page.getByLabel('Name', { exact: true }).fill('web1')
    await page.getByLabel('Address', { exact: true }).fill('-oProxyCommand=x')
    await page.getByLabel('Account', { exact: true }).fill('deploy')
    await page.getByRole('button', { name: 'Register host web1' }).click()
    await page.getByText('must be a DNS name or an IP address').waitFor()
    await tab.assertClean(/status of 400/)
    await page.getByLabel('Address', { exact: true }).fill('127.0.0.1')
    await page.getByLabel('Port', { exact: true }).fill('1')
    await page.getByRole('button', { name: 'Register host web1' }).click()
    await page.getByText('ssh-ed25519 AAAA').waitFor()
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await page.getByText('127.0.0.1 does not answer as an SSH server on port 1.').waitFor()
    await assertLooksRight()
  })

  test('a run on several hosts shows how it went on each', async () => {
    await shared.wombat.api('POST', '/hosts', {
      name: 'web2',
      project_id: project.id,
      address: '127.0.0.1',
      port: 1,
      user_name: 'deploy',
    })
    const hosts = await shared.wombat.api('GET', `/hosts?project_id=${project.id}`)
    const command = await shared.wombat.api('POST', '/commands', {
      name: 'everywhere',
      kind: 'ssh',
      project_id: project.id,
      host_ids: hosts.items.map(host => host.id),
      arguments: ['uptime'],
    })
    await page.goto(`/commands/${command.id}`)
    await page.getByText('Fill in the hosts to see what is executed.').waitFor()
    await page.getByRole('button', { name: 'Choose all hosts' }).click()
    const plan = page.getByRole('region', { name: 'Plan' })
    await plan.getByText('web2, as deploy').waitFor()
    await plan.getByText('No admin has accepted the host keys of web2.').waitFor()
    await assertLooksRight()
    await page.getByRole('button', { name: 'Run everywhere' }).click()
    await page.getByText('The run did not succeed on 2 of 2 hosts').first().waitFor()
    const row = page.getByRole('region', { name: 'Hosts', exact: true }).getByRole('row', { name: /^web2 / })
    await row.getByText('Failed').waitFor()
    await assertLooksRight()
    await row.getByRole('link', { name: 'web2' }).click()
    await page.getByText('belongs to a run on several hosts').waitFor()
    await page.getByText('No admin has accepted the host keys that web2 shows.').first().waitFor()
    await tab.assertClean()
  })

  test('a schedule shows its fires before it is saved, is paused and is deleted', async () => {
    const command = await shared.wombat.api('POST', '/commands', { name: 'timed', kind: 'local', project_id: project.id, arguments: ['true'] })
    await page.goto(`/commands/${command.id}`)
    await page.getByRole('link', { name: 'Schedules', exact: true }).last().click()
    await page.getByRole('link', { name: 'Create schedule' }).first().click()
    await page.getByLabel('Name', { exact: true }).fill('nightly')
    await page.getByLabel('Cron expression', { exact: true }).fill('0 0 31 2 *')
    await page.getByText('this one never fires').first().waitFor()
    await tab.assertClean(/status of 400/)
    await page.getByLabel('Cron expression', { exact: true }).fill('30 4 * * *')
    await page.getByRole('region', { name: 'Next fires' }).getByText('04:30').first().waitFor()
    await assertLooksRight()
    await page.getByRole('button', { name: 'Create schedule nightly' }).click()
    await page.getByRole('row', { name: /^nightly 30 4/ }).waitFor()
    await assertLooksRight()
    await page.goto('/schedules')
    await page.getByRole('link', { name: 'nightly' }).first().waitFor()
    await assertLooksRight()
    await page.getByRole('link', { name: 'timed' }).first().click()
    await page.getByRole('link', { name: 'Schedules', exact: true }).last().click()
    for (const [entry, shown] of [
      ['Pause', 'Paused'],
      ['Resume', '04:30'],
    ]) {
      await page.getByRole('button', { name: 'Actions for nightly' }).click()
      await page.locator('.v-list-item').filter({ hasText: entry }).click()
      await page.getByRole('row', { name: /^nightly/ }).getByText(shown).waitFor()
    }

    await page.getByRole('button', { name: 'Actions for nightly' }).click()
    await page.locator('.v-list-item').filter({ hasText: 'Delete schedule' }).click()
    await page.getByRole('button', { name: 'Delete schedule' }).click()
    await page.getByText('This command has no schedule yet.').waitFor()
    await tab.assertClean()
  })

  test('a document of commands is planned, corrected and imported', async () => {
    await page.goto(`/projects/${project.id}/commands`)
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    const dialog = page.getByRole('dialog')
    const entry = argument => `version: 1\ncommands:\n  - {name: from git, kind: local, arguments: [/bin/echo, ${argument}]}`
    await dialog.getByLabel('Document').fill(entry('"{{X}}"'))
    await dialog.getByRole('button', { name: 'Show plan' }).click()
    await dialog.getByText('commands[0].arguments').waitFor()
    await tab.assertClean(/status of 400/)
    await dialog.getByLabel('Document').fill(entry('no'))
    await dialog.getByRole('button', { name: 'Show plan' }).click()
    await dialog.getByRole('row', { name: 'from git Create' }).waitFor()
    await assertLooksRight()
    await dialog.getByRole('button', { name: 'Import as planned' }).click()
    await page.getByRole('link', { name: 'from git', exact: true }).waitFor()
    await tab.assertClean()
  })

  test('a second person approves a run on the page; its requester cannot', async () => {
    const command = await shared.wombat.api('POST', '/commands', {
      name: 'careful',
      kind: 'local',
      project_id: project.id,
      arguments: ['echo', 'approved at last'],
      approval_by: 'developer',
    })
    await page.goto(`/commands/${command.id}`)
    await page.getByRole('button', { name: 'Run careful' }).click()
    await page.getByText('Waits for the approval of a second person.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0)
    await assertLooksRight()
    await shared.wombat.createUser('commands-second', { platform_role: 'admin' })
    const second = await openTab(shared.browser, shared.wombat)
    await second.signIn('commands-second')
    await second.page.goto('/runs')
    await second.page.getByRole('button', { name: 'Waits for my approval' }).click()
    await second.page.getByRole('link', { name: 'careful' }).first().click()
    await second.page.getByRole('button', { name: 'Approve' }).click()
    await second.page.getByText('Approved by commands-second').waitFor()
    await second.assertClean()
    await second.close()
    await page.getByText('approved at last').first().waitFor()
    await page.getByText('Succeeded').first().waitFor()
    await tab.assertClean()
  })
})
