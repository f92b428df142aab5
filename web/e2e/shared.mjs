import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from './wombat.mjs'

/** The server and the browser of all tests: { wombat, browser }. */
export const shared = {}

/**
 * A project with a container that runs, a database that is ready, and a command with two runs, made once:
 * { project, container, database, workspace, command, run, failedRun, host, schedule }.
 */
export const objects = () => (shared.objects ??= create(shared.wombat))

async function create(wombat) {
  const project = await wombat.createProject('A project with everything', { description: 'For pictures.', tags: ['one', 'two'] })
  const container = await wombat.api('POST', `/projects/${project.id}/containers`, { template: 'busybox', name: 'web' })
  const database = await wombat.api('POST', `/projects/${project.id}/databases`, { name: 'orders', tier: 'dev' })
  const commands = await createCommands(wombat, project)
  await Promise.all([wombat.finished(container.job_id), wombat.finished(database.job_id)])
  // The interface of the container gets its addresses.
  await sleep(3_000)
  return { project, container, database, ...commands }
}

async function createCommands(wombat, project) {
  const folder = mkdtempSync(join(tmpdir(), 'wombat-make-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'Makefile'), 'greet: ## Greet\n\t@echo "Hello $$WHO"; exit $$CODE\n', { mode: 0o644 })
  // Runs are executed by another account.
  chmodSync(folder, 0o755)
  const workspace = await wombat.api('POST', '/workspaces', { name: 'sources', path: folder, project_id: project.id })
  const command = await wombat.api('POST', '/commands', {
    name: 'greet',
    description: 'Says hello.',
    kind: 'make',
    project_id: project.id,
    workspace_id: workspace.id,
    target: 'greet',
    parameters: [
      { name: 'WHO', default: 'world' },
      { name: 'CODE', type: 'integer', min: 0, max: 9, default: '0' },
      { name: 'TOKEN', type: 'secret' },
    ],
  })
  const run = await wombat.api('POST', `/commands/${command.id}/runs`, { parameters: { TOKEN: 'hidden' } })
  const failedRun = await wombat.api('POST', `/commands/${command.id}/runs`, { parameters: { CODE: '3' } })
  await Promise.all([wombat.finished(run.id), wombat.finished(failedRun.id)])
  const schedule = await wombat.api('POST', '/schedules', { command_id: command.id, name: 'nightly', cron: '0 3 * * *', time_zone: 'Europe/Berlin' })
  const host = await wombat.api('POST', '/hosts', { name: 'web1', address: '127.0.0.1', port: 1, user_name: 'deploy', project_id: project.id })
  return { workspace, command, run, failedRun, host, schedule }
}
