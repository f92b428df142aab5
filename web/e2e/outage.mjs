import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openTab } from './browser.mjs'
import { objects, shared } from './shared.mjs'

describe('outage', () => {
  test('while the server restarts, the page says that it is not live, and an open log goes on without a gap', async () => {
    const { wombat, browser } = shared
    const { project, container } = await objects()
    await wombat.createUser('outage', { platform_role: 'admin' })
    const tab = await openTab(browser, wombat)
    await tab.enter('outage')
    await tab.page.goto('/projects')
    await tab.page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor()
    // It ends while the server waits for its running jobs.
    const count = 80
    const { job_id: job } = await wombat.api('POST', `/projects/${project.id}/containers/${container.id}/exec`, {
      command: ['sh', '-c', `i=1; while [ $i -le ${count} ]; do echo "counted $i"; i=$((i+1)); usleep 100000; done`],
      timeout_seconds: 60,
    })
    const log = await tab.context.newPage()
    await log.goto(`/jobs/${job}`)
    await log.getByText(/^counted \d+$/).first().waitFor()
    const seen = await lastCount(log)
    await wombat.stop()
    await log.getByText('The connection to the log was lost').waitFor()
    await tab.page.getByText(/not live/i).first().waitFor({ timeout: 30_000 })
    await tab.picture('server-away')
    await wombat.run()
    const name = `After the outage ${Date.now()}`
    await wombat.createProject(name)
    await tab.page.getByRole('link', { name }).waitFor({ timeout: 30_000 })
    await tab.page.getByText(/not live/i).first().waitFor({ state: 'hidden' })
    await log.getByText(`counted ${count}`, { exact: true }).waitFor({ timeout: 30_000 })
    assert.ok(seen < count, 'the job had ended before the server was stopped')
    assert.deepEqual(await counted(log), Array.from({ length: count }, (_, index) => index + 1))
    await tab.assertClean(/ERR_|status of 50|Failed to fetch/)
    await tab.close()
  })
})

const lastCount = async page => Number((await page.getByText(/^counted \d+$/).last().textContent()).split(' ')[1])

/** The counts of a log from its first line to its last, by the numbers of the lines. */
async function counted(page) {
  const lines = new Map()
  const region = page.getByRole('region', { name: 'Log' })
  for (let top = 0; ; top += 300) {
    await region.evaluate((element, to) => (element.scrollTop = to), top)
    await page.waitForTimeout(50)
    for (const [number, text] of await region.locator('[data-line]').evaluateAll(rows => rows.map(r => [r.dataset.line, r.querySelector('.code')?.textContent]))) {
      lines.set(Number(number), text)
    }

    if (await region.evaluate((element, to) => to > element.scrollHeight, top)) {
      break
    }
  }

  return [...lines].sort(([a], [b]) => a - b).flatMap(([, text]) => text?.match(/^counted (\d+)$/)?.[1] ?? []).map(Number)
}
