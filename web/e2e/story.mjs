import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { shared } from './shared.mjs'
import { password } from './wombat.mjs'

const long = { timeout: 120_000 }
const psql = '/usr/bin/psql'

describe('the first two minutes', () => {
  let tab, page, project

  before(async () => {
    tab = await openTab(shared.browser, shared.wombat)
    page = tab.page
  })

  after(() => tab.close())

  test('a newcomer sets up the first admin by the printed link', async () => {
    const { token } = shared.wombat
    await page.goto(`/setup#token=${token}`)
    await page.getByLabel('Login').fill('first')
    await page.getByLabel('Full name').fill('First Admin')
    await page.getByLabel('Password').fill(password)
    await tab.picture('story-1-setup')
    await page.getByRole('button', { name: 'Create admin and sign in' }).click()
    await page.waitForURL(url => url.pathname === '/')
    await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor()
    assert.ok(!(await page.content()).includes(token))
    await tab.picture('story-2-dashboard')
    await tab.assertClean()
  })

  test('creates a project', async () => {
    await page.getByRole('link', { name: 'Create project' }).or(page.getByRole('button', { name: 'Create project' })).first().click()
    await page.getByLabel('Name', { exact: true }).fill('Two minutes')
    await page.getByRole('button', { name: /^Create project/ }).click()
    await page.getByRole('heading', { name: 'Two minutes', level: 1 }).waitFor()
    project = new URL(page.url()).pathname.split('/')[2]
    await tab.picture('story-3-project')
    await tab.assertClean()
  })

  test('creates a container, sees the log of its creation, and that it runs', async () => {
    await page.goto(`/containers/new?project=${project}`)
    await page.getByRole('radio', { name: /busybox/ }).check({ force: true })
    await page.getByLabel('Name', { exact: true }).fill('first-box')
    await tab.picture('story-4-container-form')
    await page.getByRole('button', { name: /^Create container/ }).click()
    await page.getByRole('heading', { name: 'first-box', level: 1 }).waitFor()
    await tab.picture('story-5-container-is-made')
    await page.getByText('Running', { exact: true }).first().waitFor(long)
    await page.getByText(/^10\.\d+\.\d+\.\d+$/).first().waitFor()
    await tab.picture('story-6-container')
    await tab.assertClean()
  })

  test('creates a database, and connects to it with what is revealed', async t => {
    await page.goto('/databases/new')
    await page.getByText('Two minutes').first().waitFor()
    await page.getByLabel('Name', { exact: true }).fill('orders')
    await page.getByRole('radio', { name: /^dev/ }).check({ force: true })
    await tab.picture('story-7-database-form')
    await page.getByRole('button', { name: /^Create database/ }).click()
    await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor()
    await page.getByText('Ready', { exact: true }).first().waitFor(long)
    await page.getByRole('button', { name: 'Reveal' }).first().click()
    const uri = await revealed('URI')
    await tab.picture('story-8-database')
    await tab.assertClean()
    if (!existsSync(psql)) {
      t.diagnostic('psql is missing, so that nothing connects')
      return
    }

    const ca = join(shared.wombat.data, 'revealed-ca.pem')
    writeFileSync(ca, await revealed('Certificate authority'))
    const answer = execFileSync(psql, [`${uri}&sslrootcert=${ca}`, '-Atc', "select 'connected as ' || session_user"], { encoding: 'utf8', timeout: 20_000 })
    assert.equal(answer.trim(), `connected as ${decodeURIComponent(new URL(uri).username)}`)
  })

  const revealed = async title => {
    const value = page.locator('dt', { hasText: new RegExp(`^${title}$`) }).locator('xpath=following-sibling::dd[1]')
    await value.waitFor()
    return (await value.locator('code').textContent()).trim()
  }
})
