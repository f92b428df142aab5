import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'

describe('projects', () => {
  let tab

  before(async () => {
    await shared.wombat.createUser('projects-admin', { platform_role: 'admin' })
    tab = await openTab(shared.browser, shared.wombat)
    await tab.signIn('projects-admin')
  })

  after(() => tab.close())

  test('a change of somebody else is shown at once', async () => {
    await tab.page.goto('/projects')
    await tab.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor()
    await tab.page.waitForTimeout(500)
    const name = `Seen by others ${Date.now()}`
    await shared.wombat.createProject(name)
    // Without the feed the list is read again after 10 s.
    await tab.page.getByRole('link', { name }).waitFor({ timeout: 8_000 })
    await tab.assertClean()
  })

  test('the server names the wrong field, which has the focus', async () => {
    const taken = await shared.wombat.createProject('Taken')
    await tab.page.goto('/projects/new')
    await tab.page.getByLabel('Name', { exact: true }).fill('Another')
    await tab.page.getByLabel('Unix name').fill(taken.unix_name)
    await tab.page.getByRole('button', { name: /^Create project/ }).click()
    await tab.page.getByText(/already|taken/i).first().waitFor()
    assert.equal(await tab.page.getByLabel('Unix name').inputValue(), taken.unix_name)
    await tab.assertClean(/status of 409/)
    await tab.page.getByRole('button', { name: 'Cancel' }).click()
  })

  test('the unix name follows the name', async () => {
    await tab.page.goto('/projects/new')
    await tab.page.getByLabel('Name', { exact: true }).fill('Data Team 7')
    assert.equal(await tab.page.getByLabel('Unix name').inputValue(), 'data-team-7')
    await tab.page.getByLabel('Name', { exact: true }).fill('')
    await tab.assertClean()
  })

  for (const [kind, name] of [
    ['markup', '<img src=x onerror=alert(1)>'],
    ['255 characters', 'n'.repeat(255)],
    ['right to left', 'مشروع البيانات'],
    ['emoji', '🦘 wombats 🧱'],
    ['quotes', `"'\`\${alert(1)}{{ 7 * 7 }}`],
  ]) {
    test(`a name with ${kind} is shown as it is and breaks nothing`, async () => {
      const project = await shared.wombat.createProject(name)
      await tab.page.goto(`/projects/${project.id}`)
      const heading = tab.page.getByRole('heading', { level: 1 })
      await heading.waitFor()
      assert.ok((await heading.textContent()).includes(name.slice(0, 5)))
      await tab.assertFits()
      await tab.page.goto(`/projects?q=${encodeURIComponent(name.slice(0, 20))}`)
      await tab.page.getByRole('link').filter({ hasText: name.slice(0, 5) }).first().waitFor()
      await tab.assertFits()
      await tab.assertClean()
    })
  }

  test('a project that does not exist is an error with a trace id', async () => {
    await tab.page.goto('/projects/00000000-0000-4000-8000-000000000000')
    await tab.page.getByRole('alert').getByText(/[0-9a-f]{32}/).first().waitFor()
    // The list of projects in the bar may ask once more while this page is left.
    await tab.page.goto('/projects')
    await tab.assertClean(/status of 404/)
  })

  test('a project is deleted only after its name was typed', async () => {
    const project = await shared.wombat.createProject('To be deleted')
    await tab.page.goto(`/projects/${project.id}/settings`)
    await tab.page.getByRole('button', { name: 'Delete project' }).click()
    const dialog = tab.page.getByRole('dialog')
    const button = dialog.getByRole('button', { name: 'Delete project' })
    assert.ok(await button.isDisabled())
    await dialog.getByRole('textbox').fill(project.unix_name)
    if (await button.isDisabled()) {
      await dialog.getByRole('textbox').fill('To be deleted')
    }

    await button.click()
    await dialog.waitFor({ state: 'hidden' })
    await tab.assertClean()
  })
})
