import { after, before, describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { objects, shared } from './shared.mjs'
import { lookAt, openTabs } from './tabs.mjs'

const button = (page, name) => page.getByRole('main').getByRole('button', { name, exact: true }).first().click()

const choose = async (page, name) => {
  await page.getByRole('main').getByRole('button', { name: 'More actions' }).first().click()
  await page.getByText(name, { exact: true }).last().click()
}

const opened = page => page.getByRole('dialog').first()

/** Dialogs and menus by name: the path of the screen, what opens them, and what is then there. */
const dialogs = {
  palette: ['/projects', page => page.keyboard.press('Control+k')],
  shortcuts: ['/projects', page => page.keyboard.press('?')],
  'person-menu': ['/projects', page => page.getByRole('button', { name: /^Signed in as/ }).click(), page => page.getByText('Keyboard shortcuts')],
  'project-switcher': ['/projects', page => page.getByRole('button', { name: /^Switch project/ }).click(), page => page.getByPlaceholder('Find a project')],
  curl: ['/projects/new', page => button(page, 'As curl')],
  'project-delete': [o => `/projects/${o.project.id}/settings`, page => button(page, 'Delete project')],
  'member-add': [o => `/projects/${o.project.id}/members`, page => button(page, 'Add member')],
  'token-create': ['/profile/tokens', page => button(page, 'Create token')],
  'key-add': ['/profile/ssh-keys', page => button(page, 'Add SSH key')],
  'password-set': [o => `/people/${o.person.id}`, page => button(page, 'Set password')],
  'identity-link': [o => `/people/${o.person.id}/identities`, page => button(page, 'Link identity')],
  snapshot: [o => `/containers/${o.project.id}/${o.container.id}/snapshots`, page => button(page, 'Make snapshot')],
  'container-delete': [o => `/containers/${o.project.id}/${o.container.id}`, page => choose(page, 'Delete container')],
  'database-user': [o => `/databases/${o.database.id}/users`, page => button(page, 'Add user')],
  'database-freeze': [o => `/databases/${o.database.id}`, page => choose(page, 'Freeze')],
  'database-rotate': [o => `/databases/${o.database.id}`, page => button(page, 'Rotate password')],
  'database-delete': [o => `/databases/${o.database.id}`, page => choose(page, 'Delete database')],
}

describe('dialogs', { concurrency: 2 }, () => {
  let made, tabs

  before(async () => {
    await shared.wombat.createUser('dialogs', { platform_role: 'admin' })
    const person = await shared.wombat.createUser('dialogs-other')
    made = { ...(await objects()), person }
    tabs = await openTabs(2, 'dialogs')
  })

  after(() => tabs.close())

  for (const [name, [path, open, isOpen = opened]] of Object.entries(dialogs)) {
    test(name, () =>
      tabs.use(async tab => {
        const { page } = tab
        await tab.visit(typeof path === 'string' ? path : path(made))
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await open(page)
        await isOpen(page).waitFor()
        await lookAt(tab, `dialog-${name}`, { within: '.v-overlay--active' })
        await page.keyboard.press('Escape')
        await isOpen(page).waitFor({ state: 'hidden' })
      }))
  }
})

describe('without a session', () => {
  let tab

  before(async () => (tab = await openTab(shared.browser, shared.wombat)))
  after(() => tab.close())

  test('sign-in, also while the server does not tell how users sign in', async () => {
    const mend = await tab.fail(/^\/session\/options/)
    await tab.page.goto('/sign-in')
    await tab.page.getByLabel('Password').waitFor()
    await tab.picture('sign-in-broken')
    await mend()
    await tab.page.reload()
    await tab.page.getByLabel('Password').waitFor()
    await lookAt(tab, 'sign-in', { expected: /status of 500/ })
  })

  test('setup, which refuses a wrong token', async () => {
    await tab.page.goto('/setup#token=wrong')
    await tab.page.getByLabel('Login').fill('second')
    await tab.page.getByRole('button', { name: 'Create admin and sign in' }).click()
    await tab.page.getByText('Wombat does not accept this token').waitFor()
    await lookAt(tab, 'setup', { expected: /status of 401/ })
  })

  // The page of the API is not made here: what axe says of it is not ours.
  test('API reference', async () => {
    await tab.page.goto('/docs')
    await tab.page.locator('.opblock-tag').first().waitFor()
    await tab.picture('docs')
    await tab.assertClean()
  })
})
