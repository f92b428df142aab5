import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'
import { password } from './wombat.mjs'

describe('sessions', () => {
  test('a wrong password is refused in words', async () => {
    const tab = await openTab(shared.browser, shared.wombat)
    await tab.page.goto('/sign-in')
    await tab.page.getByLabel('Login').fill('nobody')
    await tab.page.getByLabel('Password').fill('wrong password 1')
    await tab.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await tab.page.getByRole('alert').first().waitFor()
    await tab.assertClean(/status of 401/)
    await tab.close()
  })

  test('a session that ends in the middle of a form loses no text', async () => {
    const { id } = await shared.wombat.createUser('interrupted', { platform_role: 'admin' })
    const tab = await openTab(shared.browser, shared.wombat)
    await tab.signIn('interrupted')
    await tab.page.goto('/projects/new')
    await tab.page.getByLabel('Name', { exact: true }).fill('Typed before the end')
    for (const session of (await shared.wombat.api('GET', `/users/${id}/sessions`)).items) {
      await shared.wombat.api('DELETE', `/users/${id}/sessions/${session.id}`)
    }

    await tab.page.getByRole('button', { name: /^Create project/ }).click()
    const dialog = tab.page.getByRole('dialog')
    await dialog.getByLabel('Password').fill(password)
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
    await tab.page.getByRole('heading', { name: 'Typed before the end', level: 1 }).waitFor()
    const { items } = await shared.wombat.api('GET', '/projects?q=Typed+before+the+end')
    assert.equal(items.length, 1)
    await tab.assertClean(/status of 401/)
    await tab.close()
  })

  test('a deep link leads there after the sign-in, and a reload stays', async () => {
    const project = await shared.wombat.createProject('Deep link')
    await shared.wombat.createUser('deep-link', { platform_role: 'admin' })
    const tab = await openTab(shared.browser, shared.wombat)
    await tab.page.goto(`/projects/${project.id}`)
    await tab.page.getByLabel('Login').fill('deep-link')
    await tab.page.getByLabel('Password').fill(password)
    await tab.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await tab.page.getByRole('heading', { name: 'Deep link', level: 1 }).waitFor()
    await tab.page.reload()
    await tab.page.getByRole('heading', { name: 'Deep link', level: 1 }).waitFor()
    await tab.assertClean(/status of 401/)
    await tab.close()
  })
})
