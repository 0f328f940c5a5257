// Every page opens, with and without JavaScript, in both themes, narrow and wide.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { openPage, visit } from '../support/browser.mjs';
import { checkAccessible, checkFits, picture } from '../support/checks.mjs';
import { endedRunOf, enqueue, scriptRun } from '../support/stack.mjs';

const kLooks = [
  { theme: 'light', width: 1280, javaScript: true },
  { theme: 'dark', width: 1280, javaScript: false },
  { theme: 'light', width: 320, javaScript: false },
  { theme: 'dark', width: 320, javaScript: true },
];

const pages = { tasks: 'tasks', runners: 'runners', health: 'health' };

before(async () => {
  const echo = await enqueue('Echo', { message: 'hello' }, { Title: 'Say hello' });
  const failed = await scriptRun('echo half of it; echo "no such customer" >&2; exit 3', { Title: 'Send reminders' });
  await endedRunOf(echo);
  pages.task = `tasks/${echo}`;
  pages.run = `runs/${failed.Id}`;
});

for (const look of kLooks) {
  const name = `${look.theme}-${look.width}`;
  test(`the pages in ${name}, ${look.javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const page = await openPage(t, look);
    for (const [what, path] of Object.entries(pages)) {
      await visit(page, path);
      assert.equal(await page.locator('h1').count(), 1, `${what} has one heading`);
      await checkFits(page, what);
      await checkAccessible(page, `${what} in ${name}`);
      await picture(page, `${what}-${name}`);
    }
  });
}

test('what is not there says so, and whoever has no name gets nothing', async (t) => {
  const page = await openPage(t, { role: 'viewer' });
  await visit(page, 'runs/999999999', 404);
  assert.equal(await page.locator('h1').count(), 1);
  const stranger = await openPage(t, { role: 'nobody' });
  await visit(stranger, 'tasks', 401);
});
