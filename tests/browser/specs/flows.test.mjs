// The main tasks of users, from the first click to the end.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { openPage, visit } from '../support/browser.mjs';
import { checkAccessible } from '../support/checks.mjs';
import { api, endedRunOf, enqueue, eventually, findTask, runOf, scriptRun, settings, sql } from '../support/stack.mjs';

const status = async (id) => (await findTask(id)).Task.LastStatus;
const idOf = (page) => Number(new URL(page.url()).pathname.split('/').pop());

test('queue an import and watch it finish', async (t) => {
  const fixture = readFileSync(new URL('../../support/cms_fixture.sql', import.meta.url), 'utf8');
  sql(fixture.replaceAll('%PREFIX%', settings.TABLE_PREFIX));
  const directory = `${process.env.HOME_OF_STACK}/import`;
  mkdirSync(directory, { recursive: true });
  const rows = Array.from({ length: 3000 }, (_, i) => `P${i},Product ${i},,1.00,1,Maker,Toys`);
  writeFileSync(`${directory}/products.csv`, `Code,Name,Description,Price,Weight,Manufacturer,Category\n${rows.join('\n')}\n`);
  const page = await openPage(t, { path: '' });
  await page.getByRole('link', { name: 'New task' }).click();
  await page.getByLabel('Handler').selectOption('ProductImport');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('File').fill('products.csv');
  await page.getByLabel('Title').fill('Spring catalogue');
  await page.getByRole('button', { name: 'Enqueue' }).click();
  await page.waitForURL(/tasks\/\d+$/);
  await page.locator('#task-head[data-task-status="success"]').waitFor();
  assert.match(await page.title(), /Task \d+/);
  await page.getByText('Results').click();
  assert.match(await page.locator('.timeline .tree').innerText(), /3000/);
});

test('find out why it failed and retry', async (t) => {
  const run = await scriptRun('echo "no such customer: 17" >&2; exit 3', { Title: 'Send the reminders' });
  const page = await openPage(t, { role: 'operator', path: '' });
  await page.locator('.failures').getByRole('link', { name: 'exit_status' }).first().click();
  await page.getByRole('link', { name: 'Send the reminders' }).first().click();
  await page.getByText('The task failed for good and is not retried automatically.').waitFor();
  await page.getByRole('link', { name: 'Log of the last run' }).click();
  await page.getByText('no such customer: 17').first().waitFor();
  await visit(page, `tasks/${run.TaskQueueId}`);
  await page.getByRole('button', { name: 'Retry' }).click();
  await eventually('the second attempt fails, too', async () => (await findTask(run.TaskQueueId)).Runs.filter((one) => one.Status === 'error').length === 2);
  await page.locator('.timeline li:nth-child(2)').waitFor();
  await page.getByText('operator (pages): retry').waitFor();
});

test('cancel a stuck one', async (t) => {
  const id = await enqueue('Echo', { sleep: 600 });
  await runOf(id);
  const page = await openPage(t, { role: 'operator', path: `tasks/${id}` });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('#task-head[data-task-status="cancelled"]').waitFor();
  assert.equal(await status(id), 'cancelled');
  assert.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0);
});

for (const javaScript of [true, false]) {
  test(`pause a queue and resume it, ${javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const page = await openPage(t, { role: 'operator', javaScript, path: 'queues' });
    await page.getByRole('button', { name: 'Pause default' }).click();
    await page.getByRole('button', { name: 'Resume default' }).waitFor();
    const id = await enqueue('Echo', {});
    await visit(page, `tasks/${id}`);
    await page.getByText('The queue default is paused.').waitFor();
    await visit(page, 'queues');
    await page.getByRole('button', { name: 'Resume default' }).click();
    await endedRunOf(id);
    assert.equal(await status(id), 'success');
  });
}

for (const javaScript of [true, false]) {
  test(`bulk-retry all of one error, ${javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const code = javaScript ? 4 : 5;
    const title = `Broken ${code} at ${Date.now()}`;
    for (let i = 0; i < 3; ++i) await scriptRun(`exit ${code}`, { Title: title });
    const page = await openPage(t, { role: 'operator', javaScript, path: `tasks?LastStatus=error&q=${encodeURIComponent(title)}` });
    assert.equal(await page.locator('tbody tr').count(), 3);
    await page.getByRole('button', { name: 'Retry all matching tasks' }).click();
    await page.getByText('3 of 3 tasks can be retried.').waitFor();
    await page.getByRole('button', { name: 'Yes, retry 3' }).click();
    await page.waitForURL(/tasks\/\d+$/);
    const run = await endedRunOf(idOf(page));
    assert.deepEqual(run.Results, { Matched: 3, Changed: 3, Skipped: 0 });
  });
}

test('the selected ones alone are cancelled', async (t) => {
  await api('POST', 'queues/parking/pause');
  const ids = [];
  for (let i = 0; i < 3; ++i) ids.push(await enqueue('Echo', {}, { Queue: 'parking', Title: 'Parked car' }));
  const page = await openPage(t, { role: 'operator', path: 'tasks?Queue=parking&LastStatus=scheduled' });
  assert.ok(await page.getByRole('button', { name: 'Cancel selected' }).isDisabled());
  await page.getByLabel(`Select task ${ids[0]}`).check();
  await page.getByLabel(`Select task ${ids[2]}`).check();
  await page.getByRole('button', { name: 'Cancel selected' }).click();
  await page.getByRole('button', { name: 'Yes, cancel 2' }).click();
  await page.waitForURL(/tasks\/\d+$/);
  await endedRunOf(idOf(page));
  assert.deepEqual(await Promise.all(ids.map(status)), ['cancelled', 'scheduled', 'cancelled']);
});

test('rows stay where they are, and new ones wait to be shown', async (t) => {
  const title = `Live ${Date.now()}`;
  await enqueue('Echo', {}, { Title: title });
  const page = await openPage(t, { path: `tasks?q=${encodeURIComponent(title)}` });
  assert.equal(await page.locator('tbody tr').count(), 1);
  await enqueue('Echo', {}, { Title: title });
  await page.getByRole('button', { name: '1 new — show' }).click();
  await page.locator('tbody tr:nth-child(2)').waitFor();
  assert.ok(await page.locator('#news').isHidden());
});

test('progress and the end are shown without a touch', async (t) => {
  const id = await enqueue('Echo', { sleep: 600, steps: 6000 });
  await runOf(id);
  const page = await openPage(t, { path: `tasks/${id}` });
  const seen = [];
  await eventually('progress is seen to move', async () => {
    const shown = await page.locator('.big [data-progress]').getAttribute('data-progress').catch(() => null);
    if (shown !== null && shown !== seen.at(-1)) seen.push(shown);
    return seen.length >= 4;
  });
  await api('POST', `tasks/${id}/cancel`);
  await page.locator('#task-head[data-task-status="cancelled"]').waitFor();
  assert.match(await page.title(), /cancelled/);
});

for (const javaScript of [true, false]) {
  test(`stop a runner and see another one in its place, ${javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const page = await openPage(t, { javaScript, path: 'runners' });
    const first = page.locator('tbody tr', { has: page.getByText('running', { exact: true }) }).first();
    const id = await first.getAttribute('data-key');
    const row = page.locator(`tr[data-key="${id}"]`);
    const yes = page.getByRole('button', { name: `Yes, stop runner ${id}` });
    assert.ok(!(await yes.isVisible()));
    await row.getByText('Stop…').click();
    await checkAccessible(page);
    await yes.click();
    await eventually('it has ended, and there are two again', async () => {
      if (!javaScript) await visit(page, 'runners');
      const state = await row.locator('.status').innerText();
      return state === 'ended' && (await page.getByText('2 runners online').count()) === 1;
    });
    assert.equal(await row.getByText('Stop…').count(), 0);
    await visit(page, 'health');
    await page.getByText(`(pages): stop runner ${id}`).waitFor();
  });
}

test('the keyboard alone is enough', async (t) => {
  const id = await enqueue('Echo', {}, { Title: 'Keys' });
  await endedRunOf(id);
  const page = await openPage(t, { path: '' });
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.waitForURL(/\/tasks$/);
  await page.keyboard.press('/');
  await page.keyboard.type('Keys');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=Keys/);
  await page.locator('h1').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  assert.equal(await page.locator('td.select input:checked').count(), 1);
  await page.keyboard.press('x');
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/tasks/${id}$`));
  // Every control can be focused, and shows it.
  const unseen = await page.evaluate(() => [...document.querySelectorAll('a[href], button, input, select, summary')]
    .filter((element) => element.checkVisibility() && element.type !== 'hidden' && element.tabIndex < 0).map((element) => element.outerHTML));
  assert.deepEqual(unseen, []);
});

test('keys can be switched off', async (t) => {
  const page = await openPage(t, { path: '' });
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await page.getByLabel('Enable shortcuts').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  assert.equal(await page.locator('dialog[open]').count(), 0);
});

test('a choice of theme and language stays', async (t) => {
  const page = await openPage(t, { role: 'viewer', path: 'tasks?limit=20' });
  await page.getByLabel('Theme').selectOption('dark');
  await page.getByLabel('Language').selectOption('ru');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/tasks\?limit=20$/);
  await visit(page, 'runners');
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  assert.equal(await page.locator('html').getAttribute('lang'), 'ru');
});

test('a viewer sees no button that would be refused, and no header inside a frame', async (t) => {
  const page = await openPage(t, { role: 'viewer', path: 'tasks' });
  assert.equal(await page.locator('main form[method=post] button:not([type=button])').count(), 0);
  assert.equal(await page.getByRole('link', { name: 'New task' }).count(), 0);
  await visit(page, 'new', 403);
  await visit(page, 'tasks?embed=1&theme=inportal');
  assert.equal(await page.locator('header').count(), 0);
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'inportal');
});
