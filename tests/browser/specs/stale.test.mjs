// A page whose data is old says so, and says it no more when answers come again.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openPage } from '../support/browser.mjs';
import { checkAccessible, checkFits, picture } from '../support/checks.mjs';
import { eventually } from '../support/stack.mjs';

for (const [what, refuse, text] of [
  ['no answer comes', (route) => route.abort(), /The server does not respond\. This page is as of \d+:\d\d:\d\d/],
  ['the database is away', (route) => route.fulfill({ status: 503, body: '' }), /The database is unavailable\./],
]) {
  test(`the overview says that it is old when ${what}`, async (t) => {
    const page = await openPage(t, { path: '' });
    const bar = page.locator('#stale');
    assert.ok(await bar.isHidden());
    await page.route(/live=1/, refuse);
    await bar.waitFor();
    assert.match(await bar.innerText(), text);
    await checkAccessible(page);
    await checkFits(page);
    await picture(page, `stale-${what.replaceAll(' ', '-')}`);
    await page.unroute(/live=1/);
    await eventually('the bar goes away', () => bar.isHidden());
  });
}
