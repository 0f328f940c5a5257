// The stack under test as programs use it: settings, API, tasks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const home = process.env.HOME_OF_STACK;
assert.ok(home, 'start the specs with tests/browser/run');

// The variables of serve.env.
export const settings = Object.fromEntries(
  readFileSync(`${home}/serve.env`, 'utf8').split('\n').filter((line) => /^[A-Z_]+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).replace(/^'(.*)'$/, '$1')]));

export const address = (path) => `${settings.BASE_URL}/${path}`;

// A loaded machine gets this many times the time of an idle one.
export const kPatience = 20;

// Waits until `condition` returns a true value, and returns it. `limitMs` is the time for an idle machine. After kPatience
// times the limit it fails, and reports what it waited for, how long, and the load of the machine.
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

// Returns the API's JSON answer; fails on a status other than `expected`.
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

// Fetches a page as the server sends it.
export const signedIn = (path, role = 'admin') => fetch(address(path), {
  headers: { Authorization: `Basic ${btoa(`${role}:${settings.ADMIN_PASSWORD}`)}` },
});

// Enqueues a task and returns its Id. `more` are further members: Title, Queue, MaxRetries (default 1), …
export async function enqueue(handler, taskData = {}, more = {}) {
  const task = { TaskHandlerClass: handler, TaskData: taskData, MaxRetries: 1, ...more };
  return (await api('POST', 'tasks', task)).Id;
}

export const findTask = (id) => api('GET', `tasks/${id}`);

// Returns the newest run of a task once it has begun.
export async function runOf(taskId) {
  return eventually(`task ${taskId} gets a run`, async () => {
    const run = (await findTask(taskId)).Runs.at(-1);
    return run?.Status !== 'scheduled' && run;
  });
}

// Returns the newest run of a task once the task has ended.
export async function endedRunOf(taskId, limitMs = 30000) {
  return eventually(`task ${taskId} ends`, async () => {
    const { Task, Runs } = await findTask(taskId);
    return Task.NextRunOn === null && !['running', 'scheduled'].includes(Task.LastStatus) && Runs.at(-1);
  }, limitMs);
}

// Starts a task whose run lasts until finish() is called, once for each run. `begin` and `end` are script lines before and
// after the wait.
export async function steeredTask(t, end = '', more = {}, begin = '') {
  const directory = mkdtempSync('/tmp/taskqueue-steered-');
  chmodSync(directory, 0o777);  // the run removes the file as another user
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const go = `${directory}/go`;
  const id = await enqueue('Script', { script: `${begin}\nuntil rm ${go} 2>/dev/null; do sleep 0.05; done\n${end}` }, more);
  await runOf(id);
  return { id, finish: () => writeFileSync(go, '') };
}

// Runs this shell script as a task and returns its ended run.
export async function scriptRun(script, more = {}) {
  return endedRunOf(await enqueue('Script', { script }, more));
}

// Writes rows as the CMS, or a person, could; {Name} is one of our tables.
export function sql(text) {
  const named = text.replaceAll(/\{([A-Z]\w+)\}/g, `${settings.TABLE_PREFIX}$1`);
  return execFileSync('mariadb', [`--defaults-extra-file=${home}/database.cnf`, '--default-character-set=utf8mb4', '-N', '-B',
    settings.DB_NAME], { input: named, encoding: 'utf8' });
}
