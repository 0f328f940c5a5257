// node graphile.js SOCKET DATABASE JOBS WORKERS runs graphile-worker with its batches. It starts its own PostgreSQL, which
// flushes every commit. The first two arguments concern MariaDB and are ignored.
const { execFileSync, fork, spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Logger, makeWorkerUtils, run } = require('graphile-worker');
const { Pool } = require('pg');

const binaries = '/usr/lib/postgresql/15/bin';
const silent = new Logger(() => () => {});
// Stopping the server with open connections is no error here.
const poolOf = (host, max) => new Pool({ host, port: 5432, user: 'postgres', database: 'postgres', max })
  .on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function work(host) {
  let jobs = 0;
  let first = 0;
  let last = 0;
  await run({
    pgPool: poolOf(host, 12),
    logger: silent,
    noHandleSignals: true,
    taskList: {
      nothing: () => {
        last = Number(process.hrtime.bigint());
        first = first || last;
        jobs += 1;
      },
    },
    preset: { worker: { concurrentJobs: 10, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  });
  process.on('message', () => process.send({ jobs, first, last }));
}

async function measure(jobs, workers) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-postgres-'));
  execFileSync('chown', ['postgres', directory]);
  const asPostgres = (program, ...words) => ['-u', 'postgres', '--', path.join(binaries, program), ...words];
  execFileSync('runuser', asPostgres('initdb', '-A', 'trust', '--locale=C.UTF-8', '-D', directory), { stdio: 'ignore' });
  const server = spawn('runuser', asPostgres('postgres', '-D', directory, '-k', directory, '-c', 'listen_addresses=', '-c',
    'shared_buffers=1GB', '-c', 'max_wal_size=4GB', '-c', 'fsync=on', '-c', 'synchronous_commit=on'), { stdio: 'ignore' });
  const pool = poolOf(directory, 1);
  const children = [];
  try {
    for (let tries = 0; ; tries += 1) {
      try { await pool.query('SELECT 1'); break; } catch (problem) { if (tries === 200) throw problem; await sleep(50); }
    }
    const utils = await makeWorkerUtils({ pgPool: pool, logger: silent });
    await utils.migrate();
    for (let i = 0; i < jobs; i += 1000) {
      await utils.addJobs(Array.from({ length: Math.min(1000, jobs - i) },
        () => ({ identifier: 'nothing', payload: { to: 'user@example.com', subject: 'hello' } })));
    }
    for (let i = 0; i < workers; i += 1) {
      children.push(fork(__filename, ['--work', directory], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
    }
    const ask = (child) => new Promise((answer) => { child.once('message', answer); child.send('tell'); });
    for (let tries = 0; ; tries += 1) {
      await sleep(100);
      const told = await Promise.all(children.map(ask));
      const sum = told.reduce((all, one) => all + one.jobs, 0);
      if (sum < jobs && tries < 6000) continue;
      const worked = told.filter((one) => one.jobs > 0);
      const time = Math.max(...worked.map((one) => one.last)) - Math.min(...worked.map((one) => one.first));
      console.log(sum * 1e9 / time);
      break;
    }
    await utils.release();
  } finally {
    children.forEach((child) => child.kill());
    await pool.end().catch(() => {});
    const postmaster = Number(fs.readFileSync(path.join(directory, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(postmaster, 'SIGINT');
    await new Promise((ended) => server.on('exit', ended));
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

const [, , first, second, jobs, workers] = process.argv;
(first === '--work' ? work(second) : measure(Number(jobs), Number(workers))).catch((problem) => {
  console.error(problem);
  process.exit(1);
});
