import { after, before } from 'node:test'
import { launch } from './browser.mjs'
import { shared } from './shared.mjs'
import { Wombat } from './wombat.mjs'

// One server and one browser for all tests. The story comes first: it sets up the first admin.
before(async () => {
  shared.wombat = await Wombat.start()
  shared.browser = await launch()
})

after(async () => {
  await shared.browser?.close()
  await shared.wombat?.dispose()
})

await import('./story.mjs')
await import('./projects.mjs')
await import('./sessions.mjs')
await import('./access.mjs')
await import('./screens.mjs')
await import('./outage.mjs')
