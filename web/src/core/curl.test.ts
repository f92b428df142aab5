import { expect, it } from 'vitest'
import { curlCommand } from './curl'

it('quotes what a shell would read', () => {
  const command = curlCommand('http://localhost', 'POST', '/api/v1/projects', { name: "it's $HOME `id`" })
  expect(command).toContain(`-d '{"name":"it'\\''s $HOME \`id\`"}'`)
  expect(command).toContain('"Authorization: Bearer $WOMBAT_TOKEN"')
})
