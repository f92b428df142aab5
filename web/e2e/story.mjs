import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'
import { password } from './wombat.mjs'

describe('the first two minutes', () => {
  test('a newcomer sets up the first admin and creates a project', async () => {
    const { wombat, browser } = shared
    const tab = await openTab(browser, wombat)
    const { page } = tab
    await page.goto(`/setup#token=${wombat.token}`)
    await page.getByLabel('Login').fill('first')
    await page.getByLabel('Full name').fill('First Admin')
    await page.getByLabel('Password').fill(password)
    await tab.picture('story-1-setup')
    await page.getByRole('button', { name: 'Create admin and sign in' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    assert.ok(!page.url().includes(wombat.token))
    await tab.picture('story-2-dashboard')
    await page.goto('/projects/new')
    await page.getByLabel('Name', { exact: true }).fill('Two minutes')
    await page.getByRole('button', { name: /^Create project/ }).click()
    await page.getByRole('heading', { name: 'Two minutes', level: 1 }).waitFor()
    await tab.picture('story-3-project')
    await tab.assertClean(/status of 401/)
    await tab.close()
  })
})
