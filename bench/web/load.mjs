import { openTab } from '../../web/e2e/browser.mjs'
import { firstScreen } from '../../web/e2e/weight.mjs'
import { median, quantile, report } from './measure.mjs'

const titles = { '/projects': 'Projects', '/containers': 'Containers', '/databases': 'Databases', '/jobs': 'Jobs', '/people': 'People', '/tiers': 'Tiers' }

/** The first load with an empty cache, and the way from screen to screen. */
export async function measureLoad({ browser, wombat, session }) {
  const shown = []
  const interactive = []
  for (let round = 0; round < 5; round++) {
    const tab = await openTab(browser, wombat, { session })
    const { bytes } = await firstScreen(tab)
    const times = await tab.page.evaluate(
      () =>
        new Promise(done => {
          const row = performance.getEntriesByName('first-row')[0].startTime
          new PerformanceObserver(list => done({ row, last: Math.max(row, ...list.getEntries().map(e => e.startTime + e.duration)) })).observe({ type: 'longtask', buffered: true })
          setTimeout(() => done({ row, last: row }), 500)
        }),
    )
    shown.push(times.row)
    interactive.push(times.last)
    if (round === 0) {
      report('first load of the list of projects, KB gzip with fonts', bytes / 1000, { aim: 250 })
    }

    await tab.close()
  }

  report('first row shown, cold, ms', median(shown))
  report('time to interactive, cold: the end of the last task over 50 ms, ms', median(interactive))

  const tab = await openTab(browser, wombat, { session })
  await tab.page.goto('/projects')
  const times = []
  for (let round = 0; round < 6; round++) {
    for (const [path, title] of Object.entries(titles)) {
      const took = await tab.page.evaluate(
        ([to, wanted]) =>
          new Promise(done => {
            const since = performance.now()
            const look = () => (document.querySelector('h1')?.textContent.includes(wanted) && location.pathname === to ? done(performance.now() - since) : requestAnimationFrame(look))
            void document.querySelector('#app').__vue_app__.config.globalProperties.$router.push(to)
            requestAnimationFrame(look)
          }),
        [path, title],
      )
      // The first round loads the code of the screens.
      if (round > 0) {
        times.push(took)
      }
    }
  }

  report('change of the screen, p95, ms', quantile(times, 0.95), { aim: 100 })
  await tab.close()
}
