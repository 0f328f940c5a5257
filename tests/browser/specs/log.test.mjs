// The log of a run in the browser.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { openPage, visit } from '../support/browser.mjs';
import { checkAccessible, checkFits, picture } from '../support/checks.mjs';
import { goal } from '../support/measure.mjs';
import { address, enqueue, eventually, runOf, scriptRun, signedIn } from '../support/stack.mjs';

const kMaxRows = 2000;
const kOpeningGoalMs = 300;
const kLines = 1000000;

const colourful = `
for i in 1 2 3; do printf 'starting part %d\\n' $i; done
printf '\\033[1;32mok\\033[0m 12 customers imported\\n'
printf '\\033[33mwarning:\\033[0m the price of \\033[4mCHAIR-7\\033[0m is missing\\n'
printf '\\033[1;31merror:\\033[0m \\033[3mrow 117\\033[0m: no such category \\033[7m Garden \\033[0m\\n'
printf '\\033[38;5;208morange\\033[0m \\033[38;2;90;90;255mblue\\033[0m \\033[41mon red\\033[0m \\033[2mdim\\033[0m\\n'
for i in $(seq 0 20 100); do printf '\\rimporting: %d %%' $i; done; printf '\\n'
printf '\\033]0;a title\\007\\033[2Kthe end of it, which is a long line that goes on and on until it has to be wrapped at the edge of the window, wherever that may be\\n'
printf 'Traceback: line 1\\n  line 2\\nno such category: Garden\\n' >&2
exit 3`;

let long;
let short;

before(async () => {
  long = await scriptRun(`seq 1 ${kLines}`, { Title: 'Write a million lines' });
  short = await scriptRun(colourful, { Title: 'Import the price list' });
  assert.equal(long.StandardOutputDropped, 0);
});

const shownLines = (page) => page.locator('#log .row[id]').count();
const firstShown = (page) => page.locator('#log .row[id] .number').first().textContent();
const lastShown = (page) => page.locator('#log .row[id] .number').last().textContent();

// Returns the shortest of several measurements in milliseconds, which is the least disturbed by other load.
async function least(measure, times = 7) {
  const taken = [];
  while (taken.length < times) taken.push(await measure());
  return Math.min(...taken);
}

test('a log of a million lines opens with at most 2,000 lines in the document', async (t) => {
  const page = await openPage(t);
  for (const path of [`runs/${long.Id}`, `runs/${long.Id}?from=999501`, `runs/${long.Id}?lines=500000-500010`]) {
    const server = await least(async () => {
      const start = performance.now();
      assert.ok((await (await signedIn(path)).text()).includes('id="L'));
      return performance.now() - start;
    });
    const opening = await least(async () => {
      await visit(page, path);
      return page.evaluate(() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd);
    });
    t.diagnostic(`${path}: server ${server.toFixed(0)} ms`);
    goal(t, `opening ${path}`, opening, kOpeningGoalMs, 'ms');
    assert.ok(await shownLines(page) <= kMaxRows);
  }
});

test('scrolling goes through a long log in both directions with at most 2,000 lines in the document', async (t) => {
  const page = await openPage(t, { path: `runs/${long.Id}` });
  const log = page.locator('#log');
  for (let wanted = 1000; wanted <= 5000; wanted += 1000) {
    await eventually(`line ${wanted} comes`, async () => {
      await log.evaluate((element) => { element.scrollTop += 5000; });
      return Number(await lastShown(page)) >= wanted;
    });
    assert.ok(await shownLines(page) <= kMaxRows);
  }
  assert.ok(Number(await firstShown(page)) > 1);
  await eventually('line 1 comes back', async () => {
    await log.evaluate((element) => { element.scrollTop -= 5000; });
    return await firstShown(page) === '1';
  });
  const numbers = await page.locator('#log .row[id] .number').allTextContents();
  assert.ok(numbers.length <= kMaxRows);
  assert.deepEqual(numbers.map(Number), numbers.map((_, index) => index + 1), 'no line is missing or out of order');
  await log.press('End');
  await page.locator('#L1000000').waitFor();
  assert.match(await page.locator('#log-where').textContent(), /of 1,000,000$/);
  await log.press('Home');
  await page.locator('#L1').waitFor();
});

test('a permalink shows and marks its lines, with and without JavaScript', async (t) => {
  const page = await openPage(t, { path: `runs/${long.Id}#L777120-L777130` });
  await page.locator('#L777125').waitFor();
  assert.equal(await page.locator('.row.marked').count(), 11);
  assert.equal(await page.locator('.row.marked code').first().textContent(), '777120');
  await picture(page, 'log-permalink');
  await page.locator('#L777140 .number').click();
  await page.locator('#L777142 .number').click({ modifiers: ['Shift'] });
  assert.match(page.url(), /\?stream=stdout#L777140-L777142$/);
  assert.equal(await page.locator('.row.marked').count(), 3);
  await page.locator('#log-go input[name=lines]').fill('5-6');
  await page.locator('#log-go button').click();
  await page.locator('#L5.marked').waitFor();
  await page.reload();
  await page.locator('#L6.marked').waitFor();

  const plain = await openPage(t, { javaScript: false, path: `runs/${long.Id}?lines=777120-777130#L777120` });
  assert.equal(await plain.locator('.row.marked').count(), 11);
  assert.ok(await plain.locator('#L777120').isVisible());
  await plain.locator('#L777121 .number').click();
  await plain.locator('#L777121.marked').waitFor();
  await plain.getByRole('link', { name: 'Next', exact: true }).click();
  await plain.locator('#L777611').waitFor();
  assert.equal(await firstShown(plain), '777611');
  await plain.getByRole('link', { name: 'Last', exact: true }).click();
  await plain.locator('#L1000000').waitFor();
  assert.equal(await lastShown(plain), '1000000');
  await plain.getByRole('link', { name: 'First', exact: true }).click();
  assert.equal(await firstShown(plain), '1');
});

test('searching a long log goes from match to match, with and without JavaScript', async (t) => {
  for (const javaScript of [true, false]) {
    const page = await openPage(t, { javaScript, path: `runs/${long.Id}` });
    const field = page.getByRole('searchbox', { name: 'Search the log' });
    await field.fill('99999');
    await field.press('Enter');
    await page.getByText('Match 1 of 19').waitFor();
    assert.equal(await page.locator('#L99999 mark').textContent(), '99999');
    await page.getByRole('link', { name: 'next match' }).click();
    await page.getByText('Match 2 of 19').waitFor();
    assert.equal(await page.locator('#L199999 mark').textContent(), '99999');
    await page.getByRole('link', { name: 'previous match' }).click();
    await page.getByText('Match 1 of 19').waitFor();
    await field.fill('no such thing');
    await field.press('Enter');
    await page.getByText('No matches').waitFor();
  }
});

test('looks are classes, overwritten progress is one line, and both themes can be read', async (t) => {
  for (const theme of ['light', 'dark']) {
    for (const width of [320, 1280, 2560]) {
      const page = await openPage(t, { theme, width, path: `runs/${short.Id}?stream=stdout` });
      assert.equal(await page.locator('#log .a-1.a-32').textContent(), 'ok');
      assert.equal(await page.locator('#L8 code').textContent(), 'importing: 100 %');
      assert.ok((await page.locator('#L9 code').textContent()).startsWith('the end of it'));
      await checkFits(page);
      await checkAccessible(page, `the log in ${theme} at ${width} px`);
      await picture(page, `log-${theme}-${width}`);
    }
  }
});

test('a failed run tells its exit status, its error and the end of its error output', async (t) => {
  const page = await openPage(t, { javaScript: false, path: `runs/${short.Id}` });
  assert.match(await page.locator('.run-error').textContent(), /exit_status/);
  assert.match(await page.locator('.error-lines').textContent(), /no such category: Garden/);
  await page.getByRole('link', { name: /Error output/ }).click();
  await page.locator('#log.stderr').waitFor();
  assert.equal(await shownLines(page), 3);
  await checkAccessible(page);
});

test('the raw log and the download are what was written', async (t) => {
  const page = await openPage(t, { path: `runs/${short.Id}` });
  const link = page.getByRole('link', { name: 'Download' });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.equal(download.suggestedFilename(), `run-${short.Id}-stdout.log`);
  assert.ok(readFileSync(await download.path(), 'utf8').includes('\x1B[1;32mok\x1B[0m 12 customers imported\n'));
  const answer = await signedIn(`runs/${long.Id}/raw`);
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal((await answer.arrayBuffer()).byteLength, 6888896);
});

test('the log of a running task is followed; scrolled away, it says how many lines are new', async (t) => {
  const go = `/tmp/taskqueue-log-${Date.now()}`;
  const id = await enqueue('Script', { script: `
    seq 1 300
    until [ -e ${go}.more ]; do sleep 0.05; done
    seq 301 320
    echo '{"type":"progress","PercentsCompleted":40,"ProgressNote":"halfway"}' >&3
    until [ -e ${go}.fast ]; do sleep 0.05; done
    seq 321 300000
    until [ -e ${go}.end ]; do sleep 0.05; done
    printf 'last line'` });
  t.after(() => ['more', 'fast', 'end'].forEach((name) => rmSync(`${go}.${name}`, { force: true })));
  const run = await runOf(id);
  const page = await openPage(t, { path: `runs/${run.Id}` });
  const log = page.locator('#log');
  const isAtBottom = () => log.evaluate((element) => element.scrollTop + element.clientHeight >= element.scrollHeight - 5);
  await page.locator('#L300').waitFor();
  await eventually('the end is in view', isAtBottom);
  await log.hover();
  await page.mouse.wheel(0, -2000);
  await page.locator('#log-follow[aria-pressed=false]').waitFor();
  const written = performance.now();
  writeFileSync(`${go}.more`, '');
  const news = page.getByRole('button', { name: '20 new lines' });
  await news.waitFor();
  t.diagnostic(`new lines are told after ${(performance.now() - written).toFixed(0)} ms`);
  assert.equal(await isAtBottom(), false);
  await picture(page, 'log-new-lines');
  await news.click();
  await eventually('the end is in view', isAtBottom);
  assert.equal(await news.isVisible(), false);
  await page.getByText('halfway').waitFor();
  await page.getByText('40 %').first().waitFor();
  await checkAccessible(page);
  writeFileSync(`${go}.fast`, '');
  await page.locator('#L300000').waitFor();
  assert.ok(await shownLines(page) <= kMaxRows);
  await eventually('the end is in view', isAtBottom);
  writeFileSync(`${go}.end`, '');
  await page.locator('#run[data-run-status=success]').waitFor();
  await page.getByText('last line').waitFor();
  await eventually('the end is in view', isAtBottom);
});

test('a log whose middle was dropped tells how much, and the lines around it are there', async (t) => {
  const run = await scriptRun('seq 1 2000000');
  assert.ok(run.StandardOutputDropped > 0);
  for (const javaScript of [true, false]) {
    const page = await openPage(t, { javaScript, path: `runs/${run.Id}?q=2000000` });
    await page.getByText('Match 1 of 1').waitFor();
    const last = Number((await page.locator('#log mark').locator('xpath=ancestor::div[@id][1]').getAttribute('id')).slice(1));
    assert.ok(last < 2000000, 'lines that were dropped are not counted');
    await page.getByText(/of .* bytes were kept; the line numbers count the kept lines/).waitFor();
  }
  const page = await openPage(t, { javaScript: false });
  const head = (await (await signedIn(`runs/${run.Id}/raw`)).text()).split('\n').findIndex((line) => /dropped/.test(line));
  await visit(page, `runs/${run.Id}?from=${head - 3}`);
  assert.match(await page.locator('.row .gap').textContent(), /^\d+ bytes were left out here$/);
});

test('nothing that was written yet, and nothing at all', async (t) => {
  const silent = await scriptRun('true');
  const page = await openPage(t, { path: `runs/${silent.Id}` });
  await page.getByText('The run wrote no output.').waitFor();
  await checkAccessible(page);
  await picture(page, 'log-empty');
});

test('a log is for whoever may see the pages, and for nobody else', async () => {
  for (const path of [`runs/${short.Id}`, `runs/${short.Id}/log`, `runs/${short.Id}/raw`]) {
    assert.equal((await signedIn(path, 'viewer')).status, 200, path);
    assert.equal((await signedIn(path, 'nobody')).status, 401, path);
    assert.equal((await fetch(address(path))).status, 401, path);
    assert.equal((await fetch(address(path), { method: 'POST' })).status, 401, path);
  }
});

test('what an address asks wrongly is named', async (t) => {
  const page = await openPage(t, { javaScript: false });
  for (const query of ['from=0', 'from=x', 'lines=5-', 'lines=1e9', 'stream=both', 'after=1.2', `q=${'x'.repeat(201)}`, 'match=-1']) {
    await visit(page, `runs/${short.Id}?${query}`, 400);
    assert.ok((await page.locator('main').textContent()).includes(`${query.split('=')[0]} must`), query);
  }
  await visit(page, 'runs/999999999/log', 404);
  await visit(page, 'runs/999999999/raw', 404);
});
