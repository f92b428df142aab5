import { openTab } from '../../web/e2e/browser.mjs'
import { framesDuring, median, quantile, rendererMemory, report, tasksDuring, wheel } from './measure.mjs'
import { json, standIn } from './standIn.mjs'

const started = Date.parse('2026-01-01T00:00:00Z')
const perSecond = 10_000

const line = number => ({
  number,
  at: new Date(started + number).toISOString(),
  stream: number % 50 === 0 ? 'stderr' : 'stdout',
  text: `\u001b[3${number % 7}mstep ${number}\u001b[0m of a build that compiles src/module-${number % 1000}/file.c with -O2`,
  partial: false,
  replaces: false,
})

const lines = (after, count) => Array.from({ length: Math.max(0, count) }, (_, index) => line(after + 1 + index))

/** Answers as the log of a job of this many lines. */
function page(query, last) {
  const limit = Number(query.get('limit') ?? 1000)
  const tail = query.get('tail')
  const after = tail ? Math.max(0, last - Number(tail)) : query.get('before') ? Math.max(0, Number(query.get('before')) - 1 - limit) : Number(query.get('after') ?? 0)
  const items = lines(after, Math.min(tail ? Number(tail) : limit, last - after))
  return { items, last_number: last, next_after: after + items.length, previous_before: after + 1, ended: true }
}

/** Logs of 1,000,000 and 5,000,000 lines, and one that grows by 10,000 lines a second. */
export async function measureLogs(bench) {
  const [job] = (await bench.wombat.api('GET', '/jobs?limit=1')).items
  await measureLong(bench, job, 1_000_000, true)
  await measureLong(bench, job, 5_000_000, false)
  await measureFollowed(bench, job)
}

async function measureLong({ browser, wombat, session }, job, last, isOpened) {
  const name = `log of ${last.toLocaleString('en')} lines`
  const server = await standIn(wombat, {
    [`/api/v1/jobs/${job.id}`]: (_, __, response) => json(response, { ...job, status: 'succeeded', error: null }),
    [`/api/v1/jobs/${job.id}/log`]: (query, _, response) => json(response, page(query, last)),
  })
  const tab = await openTab(browser, server, { session })
  const view = tab.page
  await view.goto('/jobs')
  await view.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor()
  const opened = []
  for (let round = 0; round < (isOpened ? 5 : 1); round++) {
    await tab.visit('/jobs')
    await view.locator('[data-line]').first().waitFor({ state: 'detached' })
    opened.push(
      await view.evaluate(
        ([to, wanted]) =>
          new Promise(done => {
            const since = performance.now()
            const look = () => (document.querySelector(`[data-line="${wanted}"] .code`) ? done(performance.now() - since) : requestAnimationFrame(look))
            void document.querySelector('#app').__vue_app__.config.globalProperties.$router.push(to)
            requestAnimationFrame(look)
          }),
        [`/jobs/${job.id}`, last],
      ),
    )
  }

  report(`${name}, opened at its end, ms`, median(opened), { aim: 500 })
  const region = view.getByRole('region', { name: 'Log' })
  await region.hover()
  const wheeled = await tasksDuring(browser, view, () => wheel(view, 200, -200))
  report(`${name}, wheel: tasks p95, ms`, quantile(wheeled, 0.95), { aim: 16, digits: 1 })
  report(`${name}, wheel: longest task, ms`, Math.max(0, ...wheeled), { aim: 50, digits: 1 })
  const jumped = await tasksDuring(browser, view, async () => {
    for (let jump = 0; jump < 20; jump++) {
      await region.evaluate((element, share) => (element.scrollTop = share * element.scrollHeight), (jump * 7 % 20) / 20)
      await view.waitForTimeout(150)
    }
  })
  report(`${name}, jumps: tasks p95, ms`, quantile(jumped, 0.95), { aim: 16, digits: 1 })
  report(`${name}, jumps: longest task, ms`, Math.max(0, ...jumped), { aim: 50, digits: 1 })
  const searched = await tasksDuring(browser, view, async () => {
    await view.getByRole('textbox', { name: 'Find in the log' }).or(view.getByPlaceholder('Find in the log')).first().fill('module-77/')
    await view.waitForTimeout(2_000)
    const all = view.getByRole('button', { name: /^Search all/ })
    if (await all.isVisible()) {
      await all.click()
    }

    await view.waitForTimeout(3_000)
  })
  report(`${name}, search: tasks p95, ms`, quantile(searched, 0.95), { aim: 16, digits: 1 })
  report(`${name}, search: longest task, ms`, Math.max(0, ...searched), { aim: 50, digits: 1 })
  report(`${name}: renderer, MiB`, await rendererMemory(browser), { aim: 150 })
  await tab.close()
  server.close()
}

async function measureFollowed({ browser, wombat, session }, job) {
  const since = Date.now()
  const written = () => Math.floor(((Date.now() - since) * perSecond) / 1000)
  const server = await standIn(wombat, {
    [`/api/v1/jobs/${job.id}`]: (_, __, response) => json(response, { ...job, status: 'running', finished_at: null, error: null }),
    [`/api/v1/jobs/${job.id}/log`](query, request, response) {
      if (!request.headers.accept?.includes('text/event-stream')) {
        json(response, { ...page(query, written()), ended: false })
        return
      }

      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      let sent = Number(request.headers['last-event-id'] ?? 0)
      const timer = setInterval(() => {
        const items = lines(sent, written() - sent)
        sent += items.length
        response.write(`id: ${sent}\ndata: ${JSON.stringify(items)}\n\n`)
      }, 50)
      response.on('close', () => clearInterval(timer))
    },
  })
  const tab = await openTab(browser, server, { session })
  await tab.page.goto(`/jobs/${job.id}`)
  await tab.page.locator('[data-line] .code').first().waitFor()
  await tab.page.waitForTimeout(1_000)
  let frames = []
  const tasks = await tasksDuring(browser, tab.page, async () => {
    frames = await framesDuring(tab.page, () => tab.page.waitForTimeout(8_000))
  })
  report('10,000 lines a second: frames a second', (1000 * frames.length) / frames.reduce((sum, gap) => sum + gap, 0), { aim: 30, isAtLeast: true })
  report('10,000 lines a second: tasks p95, ms', quantile(tasks, 0.95), { aim: 16, digits: 1 })
  report('10,000 lines a second: longest task, ms', Math.max(0, ...tasks), { aim: 50, digits: 1 })
  report('10,000 lines a second: renderer, MiB', await rendererMemory(browser), { aim: 150 })
  await tab.close()
  server.close()
}
