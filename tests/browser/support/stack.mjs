// The stack under test, used as programs use it: settings, API, tasks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const home = process.env.HOME_OF_STACK;
assert.ok(home, 'start the specs with tests/browser/run');

// serve.env's lines.
export const settings = Object.fromEntries(
  readFileSync(`${home}/serve.env`, 'utf8').split('\n').filter((line) => /^[A-Z_]+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).replace(/^'(.*)'$/, '$1')]));

export const address = (path) => `${settings.BASE_URL}/${path}`;

// A loaded machine is given this many times the time that an idle one may need.
export const kPatience = 20;

// Waits until `condition` answers something true and returns that. `limitMs` is what an idle machine may need. Fails after
// kPatience times the limit and says what was waited for, how long, and how loaded the machine is.
export async function eventually(what, condition, limitMs = 20000) {
  const end = performance.now() + kPatience * limitMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    assert.ok(performance.now() < end,
      `${what}: not within ${kPatience * limitMs} ms; load ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

// The JSON answer of the API; fails on another status than `expected`.
export async function api(method, path, body, expected = method === 'POST' ? [200, 201, 202] : [200]) {
  const answer = await fetch(address(`api/v1/${path}`), {
    method,
    headers: { Authorization: `Bearer ${settings.API_TOKEN}`, 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(expected.includes(answer.status), `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

// A page as the server sends it.
export const signedIn = (path, role = 'admin') => fetch(address(path), {
  headers: { Authorization: `Basic ${btoa(`${role}:${settings.ADMIN_PASSWORD}`)}` },
});

// One task's Id. `more` are further members: Title, Queue, MaxRetries (1 unless said), …
export async function enqueue(handler, taskData = {}, more = {}) {
  const task = { TaskHandlerClass: handler, TaskData: taskData, MaxRetries: 1, ...more };
  return (await api('POST', 'tasks', task)).Id;
}

export const findTask = (id) => api('GET', `tasks/${id}`);

// The newest run of a task once it has begun.
export async function runOf(taskId) {
  return eventually(`task ${taskId} gets a run`, async () => {
    const run = (await findTask(taskId)).Runs.at(-1);
    return run?.Status !== 'scheduled' && run;
  });
}

// The newest run of a task once the task has ended.
export async function endedRunOf(taskId, limitMs = 30000) {
  return eventually(`task ${taskId} ends`, async () => {
    const { Task, Runs } = await findTask(taskId);
    return Task.NextRunOn === null && !['running', 'scheduled'].includes(Task.LastStatus) && Runs.at(-1);
  }, limitMs);
}

// A task whose run has begun and lasts until finish() is called, once for each run. `begin` and `end` are the script's lines
// before and after that.
export async function steeredTask(t, end = '', more = {}, begin = '') {
  const directory = mkdtempSync('/tmp/taskqueue-steered-');
  chmodSync(directory, 0o777);  // the run removes the file as another user
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const go = `${directory}/go`;
  const id = await enqueue('Script', { script: `${begin}\nuntil rm ${go} 2>/dev/null; do sleep 0.05; done\n${end}` }, more);
  await runOf(id);
  return { id, finish: () => writeFileSync(go, '') };
}

// A run of this shell script, ended.
export async function scriptRun(script, more = {}) {
  return endedRunOf(await enqueue('Script', { script }, more));
}

// Rows as the CMS, or somebody by hand, could have written them; {Name} is a table of ours.
export function sql(text) {
  const named = text.replaceAll(/\{([A-Z]\w+)\}/g, `${settings.TABLE_PREFIX}$1`);
  return execFileSync('mariadb', [`--defaults-extra-file=${home}/database.cnf`, '--default-character-set=utf8mb4', '-N', '-B',
    settings.DB_NAME], { input: named, encoding: 'utf8' });
}
