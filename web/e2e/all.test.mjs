import { after, before } from 'node:test'
import { launch } from './browser.mjs'
import { shared } from './shared.mjs'
import { Wombat } from './wombat.mjs'

// One server and one browser for all tests. The story comes first: it sets up the first admin. PARTS=story,projects runs some of them.
const parts = (process.env.PARTS ?? 'story,firstLoad,projects,sessions,access,commands,screens,dialogs,names,network,outage').split(',')

before(async () => {
  shared.wombat = await Wombat.start()
  shared.browser = await launch()
})

after(async () => {
  await shared.browser?.close()
  await shared.wombat?.dispose()
})

for (const part of parts) {
  await import(`./${part}.mjs`)
}
