// A user who watches a task learns of its end from the tab's title and a browser notification.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openPage, visit } from '../support/browser.mjs';
import { api, endedRunOf, eventually, settings, steeredTask } from '../support/stack.mjs';

const kTitle = 'Send the <b>reminders</b>';
// Twice the time that the page may take to notice a change.
const kSettledMs = 2500;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Opens the page of a task that runs until finish() is called. Notifications are recorded instead of shown. The permission is
// `granted` by the browser, `default` (the browser will ask, and the answer is no) or `denied`.
async function watchedTask(t, { permission = 'granted', watched = true, end = '', more = { Title: kTitle } } = {}) {
  const { id, finish } = await steeredTask(t, end, more);
  const page = await openPage(t);
  const { origin } = new URL(settings.BASE_URL);
  if (permission === 'granted') await page.context().grantPermissions(['notifications'], { origin });
  await page.addInitScript((wanted) => {
    const Real = window.Notification;
    let refused = wanted === 'denied';
    window.recorded = [];
    window.asked = 0;
    window.Notification = class {
      static get permission() { return refused ? 'denied' : Real.permission; }
      static async requestPermission() {
        ++window.asked;
        refused = true;
        return 'denied';
      }
      constructor(title, { body = '' } = {}) { window.recorded.push({ title, body }); }
    };
    // The tab is in the background.
    let hidden = false;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    window.hideTab = () => {
      hidden = true;
      document.dispatchEvent(new Event('visibilitychange'));
    };
  }, permission);
  await visit(page, `tasks/${id}`);
  assert.equal(await page.evaluate(() => Notification.permission), permission);
  assert.match(await page.title(), new RegExp(`^Task ${id} · `));
  if (watched) await page.getByLabel('Notify me when it ends').check();
  return { page, id, finish };
}

const recorded = (page) => page.evaluate(() => window.recorded);
const titleTells = (page, text) => eventually(`the title is ${text}`, async () => (await page.title()) === text);

test('a watched task tells its end once, by title and notification', async (t) => {
  const { page, id, finish } = await watchedTask(t);
  assert.deepEqual(await recorded(page), []);
  finish();
  await titleTells(page, `Task ${id}: succeeded`);
  assert.deepEqual(await recorded(page), [{ title: `Task ${id}: succeeded`, body: kTitle }]);
  await pause(kSettledMs);
  assert.equal((await recorded(page)).length, 1);
  // Watching ended with this end of the task.
  await api('POST', `tasks/${id}/retry`);
  await page.evaluate(() => taskqueue.refresh());
  await titleTells(page, `Task ${id}: running`);
  assert.ok(!(await page.getByLabel('Notify me when it ends').isChecked()));
  finish();
  await endedRunOf(id);
  await titleTells(page, `Task ${id}: succeeded`);
  assert.equal((await recorded(page)).length, 1);
});

test('it tells so in a tab in the background, too', async (t) => {
  const { page, id, finish } = await watchedTask(t);
  await page.evaluate(() => window.hideTab());
  finish();
  await titleTells(page, `Task ${id}: succeeded`);
  assert.equal((await recorded(page)).length, 1);
});

test('a failure is told as one', async (t) => {
  const { page, id, finish } = await watchedTask(t, { end: 'exit 3', more: {} });
  finish();
  await titleTells(page, `Task ${id}: failed`);
  assert.deepEqual(await recorded(page), [{ title: `Task ${id}: failed`, body: 'Script' }]);
});

for (const permission of ['denied', 'default']) {
  test(`without permission (${permission}) the title alone tells`, async (t) => {
    const { page, id, finish } = await watchedTask(t, { permission });
    finish();
    await titleTells(page, `Task ${id}: succeeded`);
    await pause(kSettledMs);
    assert.deepEqual(await recorded(page), []);
    assert.equal(await page.evaluate(() => window.asked), permission === 'default' ? 1 : 0, 'who has refused is not asked again');
  });
}

test('of a task that nobody watches no notification comes', async (t) => {
  const { page, id, finish } = await watchedTask(t, { watched: false });
  finish();
  await titleTells(page, `Task ${id}: succeeded`);
  await pause(kSettledMs);
  assert.deepEqual(await recorded(page), []);
});
