import { after, before } from 'node:test'
import { launch } from './browser.mjs'
import { shared } from './shared.mjs'
import { Wombat } from './wombat.mjs'
before(async () => { shared.wombat = await Wombat.start(); shared.browser = await launch() })
after(async () => { await shared.browser?.close(); await shared.wombat?.dispose() })
for (const f of process.env.PARTS.split(',')) await import(f)
