// Measures the server load of a hundred open overviews. Each requests updates like live.js, over its own connection.
//   COST_SECONDS  duration of the measurement (10)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { goal } from '../support/measure.mjs';
import { address, enqueue, runOf, settings } from '../support/stack.mjs';

const kClients = 100;
const kSeconds = Number(process.env.COST_SECONDS ?? 10);
const kEveryMs = 1000;
const kTicksPerSecond = 100;
const kGoalPercent = 5;  // percent of one core


// Returns the processes of the stack, by program.
function processes() {
  const home = process.env.HOME_OF_STACK;
  const found = { nginx: [], 'taskqueue-fcgi': [], mariadbd: [] };
  const master = readFileSync(`${home}/nginx/temp/nginx.pid`, 'utf8').trim();
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8');
      const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1];
      if (id === master || parent === master) found.nginx.push(id);
      for (const name of ['taskqueue-fcgi', 'mariadbd']) {
        if (command.split('\0')[0].endsWith(`/${name}`) && command.includes(home)) found[name].push(id);
      }
    } catch { /* it has ended */ }
  }
  for (const [name, ids] of Object.entries(found)) assert.notEqual(ids.length, 0, `no ${name} runs`);
  return found;
}

// Returns the CPU seconds that each program has used so far.
const used = (found) => Object.fromEntries(Object.entries(found).map(([name, ids]) => [name, ids.reduce((sum, id) => {
  const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').pop().split(' ');
  return sum + (Number(fields[11]) + Number(fields[12])) / kTicksPerSecond;
}, 0)]));

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Overview {
  answers = {};
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  version = '';

  ask() {
    return new Promise((resolve, reject) => {
      const headers = { Authorization: `Basic ${btoa(`${settings.ADMIN_USER}:${settings.ADMIN_PASSWORD}`)}` };
      if (this.version) headers['If-None-Match'] = this.version;
      get(address('?live=1'), { agent: this.agent, headers }, (answer) => {
        this.version = answer.headers.etag ?? this.version;
        this.answers[answer.statusCode] = (this.answers[answer.statusCode] ?? 0) + 1;
        answer.resume().on('end', resolve).on('error', reject);
      }).on('error', reject);
    });
  }

  async stayOpen(until) {
    await pause(Math.random() * kEveryMs);
    while (performance.now() < until) {
      await this.ask();
      await pause(kEveryMs);
    }
    this.agent.destroy();
  }
}

test('a hundred open overviews cost little', async (t) => {
  // The page changes each second.
  await runOf(await enqueue('Echo', { sleep: kSeconds * 2, steps: kSeconds * 2 }));
  const found = processes();
  const during = async (what) => {
    const [before, since] = [used(found), performance.now()];
    await what();
    const [after, seconds] = [used(found), (performance.now() - since) / 1000];
    return Object.fromEntries(Object.keys(found).map((name) => [name, (100 * (after[name] - before[name])) / seconds]));
  };
  const idle = await during(() => pause(kSeconds * 500));
  const overviews = Array.from({ length: kClients }, () => new Overview());
  const open = await during(() => Promise.all(overviews.map((one) => one.stayOpen(performance.now() + kSeconds * 1000))));
  const answers = {};
  for (const one of overviews) for (const [code, count] of Object.entries(one.answers)) answers[code] = (answers[code] ?? 0) + count;
  const cost = Object.fromEntries(Object.keys(found).map((name) => [name, open[name] - idle[name]]));
  const sum = Object.values(cost).reduce((a, b) => a + b);
  const say = (figures) => Object.entries(figures).map(([name, percent]) => `${name} ${percent.toFixed(2)}`).join(', ');
  t.diagnostic(`${sum.toFixed(2)} % of a core: ${say(cost)}; idle before: ${say(idle)}; answers: ${JSON.stringify(answers)}`);
  assert.deepEqual(Object.keys(answers).filter((code) => code !== '200' && code !== '304'), []);
  goal(t, 'cost of a hundred open overviews', sum, kGoalPercent, '% of a core');
});

test('a password that was generated is hashed once, one that a person has chosen a thousand times', () => {
  const hash = (password) => execFileSync('bash', ['-c', '. "$0/home.sh"; . "$0/configuration.sh"; password_hash "$1"',
    fileURLToPath(new URL('../../../nginx/stack', import.meta.url)), password], { encoding: 'utf8' });
  assert.match(readFileSync(`${process.env.HOME_OF_STACK}/nginx/htpasswd`, 'utf8'), /^admin:\{SSHA\}/);
  assert.match(hash(settings.ADMIN_PASSWORD), /^\{SSHA\}/);
  for (const chosen of ['correct horse', 'a'.repeat(63), 'A'.repeat(64)]) assert.match(hash(chosen), /^\$apr1\$/);
});
