import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { pathOf, screens } from './screenList.mjs'
import { objects, shared } from './shared.mjs'
import { openTabs } from './tabs.mjs'

const markup = '<img src=x onerror="window.hasRun=true">'
const hostile = [
  `${markup}${'n'.repeat(255 - markup.length)}`,
  `${markup} مشروع البيانات`,
  `${markup} 🦘🧱👩‍👩‍👧‍👦`,
  `${markup}"'\`{{ 7 * 7 }}`,
]
/** What people choose, or what comes from elsewhere: in answers of the server these are replaced. */
const fields = new Set(['name', 'login', 'full_name', 'email', 'description', 'purpose', 'owner', 'status_reason', 'actor', 'requested_by', 'created_by', 'comment', 'host_name', 'message'])

describe('hostile names', { concurrency: 2 }, () => {
  let made, tabs

  before(async () => {
    const { wombat } = shared
    const person = await wombat.createUser('names', { platform_role: 'admin', full_name: hostile[0] })
    const shown = await objects()
    const project = await wombat.createProject(hostile[0], { description: hostile[1], tags: ['t'.repeat(100)] })
    await wombat.api('POST', `/projects/${project.id}/members`, { user_id: person.id, role: 'project_manager' })
    await wombat.api('POST', `/projects/${project.id}/tokens`, { name: hostile[3].slice(0, 100), scopes: ['read'] })
    await wombat.api('POST', `/users/${person.id}/tokens`, { name: hostile[0].slice(0, 100), scopes: ['read'] })
    await wombat.api('POST', `/users/${person.id}/ssh-keys`, { name: hostile[2].slice(0, 100), public_key: `ssh-ed25519 ${key()} ${markup}` })
    const tier = await wombat.api('GET', '/tiers/standard')
    await wombat.api('PUT', '/tiers/hostile', { ...only(tier), description: hostile[0] })
    made = { ...shown, project, person }
    tabs = await openTabs(2, 'names', replaceNames)
  })

  after(() => tabs.close())

  for (const [name, screen] of Object.entries(screens)) {
    test(name, () =>
      tabs.use(async tab => {
        const { page } = tab
        await tab.visit(pathOf(screen, name.startsWith('container') ? { ...made, ...(await objects()) } : made))
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await tab.settled()
        await tab.picture(`${name}-names`)
        await assertHarmless(page)
        await tab.assertFits()
        await tab.look('light', 360)
        await tab.picture(`${name}-names-narrow`)
        await assertHarmless(page)
        await tab.assertFits()
        await tab.look('light')
        // The names go back to the server, as in a plan.
        await tab.assertClean(/status of 40[04]/)
      }))
  }
})

async function assertHarmless(page) {
  const found = await page.evaluate(() => {
    const isCut = element => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible'
    const cut = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent.trim()
      const element = texts.currentNode.parentElement
      if (text.includes('onerror') && (isCut(element) || isCut(element.parentElement)) && !element.closest('[title]')?.title.includes(text.slice(0, 100))) {
        cut.push(element.outerHTML.slice(0, 200))
      }
    }

    return { hasRun: window.hasRun ?? false, images: document.querySelectorAll('img[src="x"]').length, cut }
  })
  assert.deepEqual(found, { hasRun: false, images: 0, cut: [] }, page.url())
}

/** Answers every read with the hostile names in the place of others, the same ones in each run. */
async function replaceNames(page) {
  // The names of parameters are those of environment variables, which the server checks. JSON.stringify passes their holder as this.
  function replace(key, value) {
    const isChosen = typeof value === 'string' && fields.has(key) && !(key === 'name' && 'pattern' in this)
    return isChosen && value !== '' && !value.includes('onerror') ? hostile[(key.length + value.length) % hostile.length] : value
  }

  await page.route(
    url => url.pathname.startsWith('/api/v1/') && !/\/(log|console|changes)$/.test(url.pathname),
    async route => {
      if (route.request().method() !== 'GET') {
        await route.continue()
        return
      }

      const response = await route.fetch().catch(() => null)
      await (response ? route.fulfill({ response, body: JSON.stringify(await response.json(), replace) }) : route.abort()).catch(() => {})
    },
  )
}

const only = ({ plugin, instances, cpu, memory, storage, max_connections, backup_schedule, backup_retention_days, deletion_policy, grace_days }) => ({
  plugin, instances, cpu, memory, storage, max_connections, backup_schedule, backup_retention_days, deletion_policy, grace_days,
})

/** A key of the form of ssh-ed25519; nobody has its other half. */
function key() {
  const field = bytes => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  return Buffer.concat([field(Buffer.from('ssh-ed25519')), field(randomBytes(32))]).toString('base64')
}
