// graphile-worker with the settings that its documentation recommends for speed: throughput of empty jobs, then pick-up time, then
// pick-up time while BACKLOG jobs of another task wait. Prints one JSON line.
import { createRequire } from 'node:module';
const require = createRequire(process.env.NODE_ROOT + '/');
const { Pool } = require('pg');
const { run, makeWorkerUtils, runMigrations, Logger } = require('graphile-worker');

const count = Number(process.env.COUNT), tries = Number(process.env.TRIES);
const pgPool = new Pool({ host: process.env.PGHOST, user: process.env.PGUSER, password: process.env.PGPASSWORD, database: process.env.PGDATABASE, max: 30 });
pgPool.on('error', () => {});
const logger = new Logger(() => () => {});
const worker = { concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const now = () => Number(process.hrtime.bigint()) / 1e6;
const at = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

await runMigrations({ pgPool, logger });
const utils = await makeWorkerUtils({ pgPool, logger });
let left = count, drained, started;
const taskList = { noop: () => { started?.(now()); if (--left === 0) drained?.(); } };
const add = n => pgPool.query(`select graphile_worker.add_jobs(array(select row('noop', '{}'::json, null, null, null, null, null, null)::graphile_worker.job_spec from generate_series(1, $1)))`, [n]);

const rates = [];
for (let round = 0; round < Number(process.env.ROUNDS); round++) {
  left = count;
  await add(count);
  await pgPool.query('vacuum analyze graphile_worker._private_jobs');
  const from = now();
  const empty = new Promise(r => { drained = r; });
  const runner = await run({ pgPool, taskList, logger, noHandleSignals: true, preset: { worker } });
  await empty;
  await runner.stop();
  rates.push(count / (now() - from) * 1000);
}

const runner = await run({ pgPool, taskList, logger, noHandleSignals: true, preset: { worker } });
await new Promise(r => setTimeout(r, 500));
left = Infinity;
const waits = [];
for (let i = 0; i < tries; i++) {
  await new Promise(r => setTimeout(r, 5 + Math.random() * 10));
  const start = new Promise(r => { started = r; });
  await utils.addJob('noop', {});
  const committed = now();
  waits.push(await start - committed);
}
await runner.stop();
waits.sort((a, b) => a - b);
rates.sort((a, b) => a - b);
console.log(JSON.stringify({ rate: at(rates, 0.5), p50: at(waits, 0.5), p99: at(waits, 0.99) }));
process.exit(0);
