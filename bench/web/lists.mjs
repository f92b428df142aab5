import { openTab } from '../../web/e2e/browser.mjs'
import { dropped, framesDuring, quantile, rendererMemory, report, tasksDuring, wheel } from './measure.mjs'
import { json, standIn } from './standIn.mjs'

const count = 100_000

/** A list of 100,000 projects, all of them loaded. */
export async function measureLists({ browser, wombat, session }) {
  const [project] = (await wombat.api('GET', '/projects?limit=1')).items
  const items = Array.from({ length: count }, (_, index) => ({
    ...project,
    id: `01900000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    name: `Project number ${index}`,
    unix_name: `project-${index}`,
  }))
  const server = await standIn(wombat, {
    '/api/v1/projects': (query, _, response) => json(response, { items: query.get('limit') === '100' ? items : items.slice(0, 20), next_cursor: null, total: count }),
  })
  const tab = await openTab(browser, server, { session })
  const { page } = tab
  await page.goto('/projects')
  await page.locator('tr.data').first().waitFor({ timeout: 120_000 })
  await page.waitForTimeout(2_000)
  await page.mouse.move(700, 500)
  const frames = await framesDuring(page, () => wheel(page, 200, 200))
  report('100,000 projects, wheel: frames dropped of 100', (100 * dropped(frames)) / (frames.length + dropped(frames)), { digits: 1 })
  const tasks = await tasksDuring(browser, page, () => wheel(page, 200, 200))
  report('100,000 projects, wheel: tasks p95, ms', quantile(tasks, 0.95), { aim: 16, digits: 1 })
  report('100,000 projects, wheel: longest task, ms', Math.max(0, ...tasks), { aim: 50, digits: 1 })
  const jumps = await tasksDuring(browser, page, async () => {
    for (let jump = 0; jump < 30; jump++) {
      await page.evaluate(share => window.scrollTo(0, share * document.documentElement.scrollHeight), (jump * 7 % 30) / 30)
      await page.waitForTimeout(50)
    }
  })
  report('100,000 projects, jumps: tasks p95, ms', quantile(jumps, 0.95), { aim: 16, digits: 1 })
  report('100,000 projects: renderer, MiB', await rendererMemory(browser))
  await tab.close()
  server.close()
}
