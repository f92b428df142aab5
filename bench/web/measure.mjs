import { readFileSync } from 'node:fs'

const results = []

/** Prints a figure and, where there is an aim, whether it is met: at most the aim, or at least it. */
export function report(name, value, { aim, isAtLeast = false, digits = 0 } = {}) {
  const ours = value.toFixed(digits)
  const isMet = aim === undefined ? null : isAtLeast ? value >= aim : value <= aim
  results.push({ name, ours, aim, isMet })
  console.log(`${name} ours=${ours}${aim === undefined ? '' : ` aim=${aim} met=${isMet ? 'yes' : 'no'}`}`)
}

/** The rows of the table in docs/performance.md. */
export function table() {
  const rows = results.map(({ name, ours, aim, isMet }) => `| ${name} | ${ours} | ${aim ?? '–'} | ${isMet === null ? '–' : isMet ? 'yes' : 'no'} |`)
  return ['| measurement | ours | aim | met |', '|---|---|---|---|', ...rows].join('\n')
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export const median = values => quantile(values, 0.5)

/**
 * The milliseconds of processor time of the tasks of the page's main thread while work runs, which other programs of the machine change
 * little; those below a millisecond count nothing.
 */
export async function tasksDuring(browser, page, work) {
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] })
  await work()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
  const counts = new Map()
  const mains = new Set(traceEvents.filter(e => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map(e => `${e.pid}/${e.tid}`))
  for (const { name, pid, tid, tdur } of traceEvents) {
    const thread = `${pid}/${tid}`
    if (name === 'RunTask' && tdur >= 1000 && mains.has(thread)) {
      counts.set(thread, [...(counts.get(thread) ?? []), tdur / 1000])
    }
  }

  // Of several pages the one at work.
  return [...counts.values()].sort((a, b) => b.length - a.length)[0] ?? []
}

/** Milliseconds between the frames of a page while work runs. */
export async function framesDuring(page, work) {
  await page.evaluate(() => {
    window.frames16 = []
    let last = performance.now()
    const next = now => {
      window.frames16.push(now - last)
      last = now
      window.frameRequest = requestAnimationFrame(next)
    }
    window.frameRequest = requestAnimationFrame(next)
  })
  await work()
  return page.evaluate(() => {
    cancelAnimationFrame(window.frameRequest)
    return window.frames16.slice(1)
  })
}

export const dropped = frames => frames.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0)

/** MiB of the largest renderer process: its share of memory, as the kernel counts it. */
export async function rendererMemory(browser) {
  const cdp = await browser.newBrowserCDPSession()
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
  await cdp.detach()
  const sizes = processInfo
    .filter(process => process.type === 'renderer')
    .map(({ id }) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024)
  return Math.max(...sizes)
}

export async function wheel(page, steps, distance) {
  for (let step = 0; step < steps; step++) {
    await page.mouse.wheel(0, distance)
    await page.waitForTimeout(16)
  }
}
