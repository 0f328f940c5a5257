// Every page opens with and without JavaScript, in each theme, width and language.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { openPage, visit } from '../support/browser.mjs';
import { checkAccessible, checkFits, picture } from '../support/checks.mjs';
import { endedRunOf, enqueue, runOf, scriptRun } from '../support/stack.mjs';

const kLooks = [
  { theme: 'light', width: 1280, javaScript: true, language: 'en' },
  { theme: 'dark', width: 1280, javaScript: false, language: 'de' },
  { theme: 'light', width: 320, javaScript: false, language: 'ru' },
  { theme: 'dark', width: 320, javaScript: true, language: 'en' },
  { theme: 'light', width: 1280, javaScript: true, language: 'ru', look: 'inportal' },
  { theme: 'light', width: 320, javaScript: false, language: 'de', look: 'inportal' },
  { theme: 'light', width: 3840, height: 2160, javaScript: true, language: 'de' },
];

const pages = {
  overview: '', tasks: 'tasks', filtered: 'tasks?State=failed&q=remind', nothing: 'tasks?q=nothing-has-this',
  queues: 'queues', handlers: 'handlers', handler: 'handlers/Echo?span=week', errors: 'errors', schedules: 'schedules', runners: 'runners', health: 'health',
  activity: 'activity', api: 'api-reference', schedule: 'schedules/new?handler=Echo', choose: 'new', new: 'new?handler=Echo', raw: 'new?handler=Echo&raw=1',
};

before(async () => {
  const echo = await enqueue('Echo', { message: 'hello' }, { Title: 'Say hello' });
  const failed = await scriptRun('echo half of it; echo "no such customer" >&2; exit 3', { Title: 'Send reminders' });
  const running = await enqueue('Echo', { sleep: 600, steps: 600 }, { Title: 'Rebuild the permission cache' });
  const later = await enqueue('Echo', {}, { Title: 'Later', ScheduledOn: Math.floor(Date.now() / 1000) + 86400 });
  await endedRunOf(echo);
  await runOf(running);
  Object.assign(pages, { task: `tasks/${echo}`, failed: `tasks/${failed.TaskQueueId}`, running: `tasks/${running}`,
    waiting: `tasks/${later}`, edit: `tasks/${later}/edit`,
    run: `runs/${failed.Id}`, copy: `new?copy=${echo}` });
});

for (const look of kLooks) {
  const name = `${look.look ?? look.theme}-${look.width}-${look.language}`;
  test(`the pages in ${name}, ${look.javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const page = await openPage(t, look);
    for (const [what, path] of Object.entries(pages)) {
      await visit(page, look.look ? `${path}${path.includes('?') ? '&' : '?'}theme=${look.look}` : path);
      assert.equal(await page.locator('h1').count(), 1, `${what} has one heading`);
      assert.equal(await page.locator('html').getAttribute('lang'), look.language);
      await checkFits(page, `${what} in ${name}`);
      await checkAccessible(page, `${what} in ${name}`);
      await picture(page, `${what}-${name}`);
    }
  });
}

test('the pages are small', async (t) => {
  for (const path of ['tasks', pages.task]) {
    const fresh = await openPage(t);
    const answers = [];
    const note = (answer) => answers.push(answer);
    fresh.on('response', note);
    await visit(fresh, path);
    fresh.off('response', note);  // later requests for updates do not count as the first load
    const bodies = await Promise.all(answers.filter((answer) => !answer.url().includes('live=1')).map((answer) => answer.body()));
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    assert.ok(bytes > 0 && bytes <= 100000, `the first load of ${path} is ${bytes} bytes`);
  }
});

test('what is not there says so, and whoever has no name gets nothing', async (t) => {
  const page = await openPage(t, { role: 'viewer' });
  await visit(page, 'runs/999999999', 404);
  assert.equal(await page.locator('h1').count(), 1);
  const stranger = await openPage(t, { role: 'nobody' });
  await visit(stranger, 'tasks', 401);
});
