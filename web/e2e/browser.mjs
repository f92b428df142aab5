import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { password } from './wombat.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const pictures = process.env.SCREENSHOTS
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export const launch = () => chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })

const wide = { width: 1280, height: 800 }

/** What the server says when a test lets it fail. */
export const failure = 'The database does not answer.'
export const failedTrace = '0123456789abcdef0123456789abcdef'

/** A browser profile of its own with one tab. Collects errors of the console, of scripts, and violations of the policy. */
export async function openTab(browser, wombat, { session } = {}) {
  const context = await browser.newContext({
    baseURL: wombat.url,
    viewport: wide,
    reducedMotion: 'reduce',
    storageState: session,
  })
  context.setDefaultTimeout(20_000)
  await context.addInitScript(() => {
    window.violations = []
    document.addEventListener('securitypolicyviolation', e => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`))
  })
  const page = await context.newPage()
  const problems = []
  // Each container that starts adds an interface to the machine, and Chromium then ends requests that are under way.
  const known = /ERR_NETWORK_CHANGED/
  page.on('console', message => {
    if (message.type() === 'error') {
      problems.push(`${message.text()} ${message.location()?.url ?? ''}`)
    }
  })
  page.on('pageerror', error => problems.push(String(error.stack ?? error)))
  page.on('dialog', dialog => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })

  return {
    page,
    context,
    problems,
    close: () => context.close(),
    session: () => context.storageState(),

    /** Waits until everything on the page is loaded. */
    async settled() {
      await page.waitForTimeout(100)
      await page.waitForFunction(() => !document.querySelector('.skeleton, [aria-busy=true]'))
    },

    /** Changes theme and width of the page that is shown. */
    async look(theme, width = wide.width) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await page.setViewportSize({ ...wide, width })
      await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
    },

    /** Fails on errors since the last call, except for those whose text matches. */
    async assertClean(expected = /$^/) {
      const violations = await page.evaluate(() => window.violations.splice(0))
      assert.deepEqual(violations, [], `violations of the policy at ${page.url()}`)
      assert.deepEqual(problems.splice(0).filter(p => !expected.test(p) && !known.test(p)), [], `errors at ${page.url()}`)
    },

    /** Checks the document, or only what matches the selector within, by all rules or only by those. */
    async assertAccessible({ within, rules } = {}) {
      const options = { preload: false, resultTypes: ['violations'], ...(rules && { runOnly: rules }) }
      const cdp = await context.newCDPSession(page)
      const { frameTree } = await cdp.send('Page.getFrameTree')
      const { executionContextId: contextId } = await cdp.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id })
      await cdp.send('Runtime.evaluate', { expression: axe, contextId })
      const { result } = await cdp.send('Runtime.evaluate', {
        expression: `axe.run(${within ? JSON.stringify(within) : 'document'}, ${JSON.stringify(options)}).then(r => JSON.stringify(r.violations
          .filter(v => v.impact === 'serious' || v.impact === 'critical')
          .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | '))))`,
        contextId,
        awaitPromise: true,
        returnByValue: true,
      })
      await cdp.detach()
      assert.deepEqual(JSON.parse(result.value), [], `axe at ${page.url()}`)
    },

    /** Goes to a path without loading the page again, as a link does. */
    async visit(path) {
      await page.evaluate(to => document.querySelector('#app').__vue_app__.config.globalProperties.$router.push(to), path)
    },

    /** Goes to a path as visit does, with nothing kept of what other screens have read. */
    async visitUnread(path) {
      // A screen that stays open would keep what it shares with the next one.
      await this.visit('/about')
      await page.evaluate(async () => {
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
        document.querySelector('#app').__vue_app__._context.provides.VUE_QUERY_CLIENT.clear()
      })
      await this.visit(path)
    },

    /** Answers requests to the API whose path and query match with a failure until the returned function is called. */
    async fail(pattern, status = 500) {
      const matches = url => url.pathname.startsWith('/api/v1/') && pattern.test(url.pathname.slice('/api/v1'.length) + url.search)
      await page.route(matches, route =>
        route.request().method() !== 'GET'
          ? route.continue()
          : route.fulfill({
              status,
              contentType: 'application/problem+json',
              // The page waits that long before it asks again.
              headers: { 'Retry-After': '0.02' },
              body: JSON.stringify({ type: 'about:blank', title: 'Failed', status, detail: failure, code: 'internal_error', trace_id: failedTrace }),
            }),
      )
      return () => page.unroute(matches)
    },

    async assertFits() {
      const wide = await page.evaluate(() => {
        const limit = innerWidth
        if (document.scrollingElement.scrollWidth <= limit) {
          return []
        }

        const isClipped = element => element !== document.body && (getComputedStyle(element).overflowX !== 'visible' || isClipped(element.parentElement))
        const beyond = [...document.body.querySelectorAll('*')].filter(element => element.getBoundingClientRect().right > limit + 1)
        const culprits = beyond.filter(element => !isClipped(element.parentElement)).slice(-5)
        return [`${document.scrollingElement.scrollWidth} px`, ...culprits.map(element => element.outerHTML.slice(0, 200))]
      })
      assert.deepEqual(wide, [], `${page.url()} is wider than the window`)
    },

    async picture(name) {
      if (pictures) {
        mkdirSync(pictures, { recursive: true })
        await page.screenshot({ path: join(pictures, `${name}.png`) })
      }
    },

    /** Signs in without the form, which takes most of the time of a sign-in. */
    async enter(login) {
      const response = await context.request.post('/api/v1/session', { data: { login, password } })
      assert.ok(response.ok(), `sign-in of ${login}: ${response.status()}`)
    },

    async signIn(login) {
      // A new interface of a container may have ended the load of a module.
      for (let attempt = 0; attempt < 3 && !(await page.getByLabel('Login').isVisible()); attempt++) {
        await page.goto('/sign-in')
        await page.getByLabel('Login').waitFor({ timeout: 10_000 }).catch(() => {})
      }

      await page.getByLabel('Login').fill(login)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.waitForURL(url => url.pathname !== '/sign-in')
    },
  }
}
