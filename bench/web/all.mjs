import { launch, openTab } from '../../web/e2e/browser.mjs'
import { Wombat } from '../../web/e2e/wombat.mjs'
import { measureLists } from './lists.mjs'
import { measureLoad } from './load.mjs'
import { measureLogs } from './logs.mjs'
import { table } from './measure.mjs'

// ONLY=load,logs measures some of it.
const parts = { load: measureLoad, lists: measureLists, logs: measureLogs }
const only = process.env.ONLY?.split(',') ?? Object.keys(parts)

const wombat = await Wombat.start()
let browser
try {
  browser = await launch()
  await wombat.createUser('bench', { platform_role: 'admin' })
  const project = await wombat.createProject('Measured')
  const container = await wombat.api('POST', `/projects/${project.id}/containers`, { template: 'busybox', name: 'web' })
  await wombat.finished(container.job_id)
  const tab = await openTab(browser, wombat)
  await tab.enter('bench')
  const bench = { wombat, browser, session: await tab.session() }
  await tab.close()
  for (const part of only) {
    await parts[part](bench)
  }

  console.log(`\n${table()}`)
} finally {
  await browser?.close()
  await wombat.dispose()
}
