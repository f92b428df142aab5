import { sleep } from './wombat.mjs'

/** The server and the browser of all tests: { wombat, browser }. */
export const shared = {}

/** A project with a container that runs and a database that is ready, made once: { project, container, database }. */
export const objects = () => (shared.objects ??= create(shared.wombat))

async function create(wombat) {
  const project = await wombat.createProject('A project with everything', { description: 'For pictures.', tags: ['one', 'two'] })
  const container = await wombat.api('POST', `/projects/${project.id}/containers`, { template: 'busybox', name: 'web' })
  const database = await wombat.api('POST', `/projects/${project.id}/databases`, { name: 'orders', tier: 'dev' })
  await Promise.all([wombat.finished(container.job_id), wombat.finished(database.job_id)])
  // The interface of the container gets its addresses.
  await sleep(3_000)
  return { project, container, database }
}
