// Output, messages and results of a run stay text: no payload changes an element of the run's page.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { openPage, visit } from '../support/browser.mjs';
import { payloads } from '../support/payloads.mjs';
import { scriptRun, signedIn, sql } from '../support/stack.mjs';

const kHarmless = 'harmless';
const kSeparator = /[\u2028\u2029]/;  // the log shows it as a sign, and no search takes it
let runs = [];
let harmless;
let all;  // a run that wrote all payloads

const quoted = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

// Inserts an ended run that has the text in every text column, as plain SQL could.
function insertRun(text, attempt, taskId, written = `before\n${text}\nafter\n`) {
  const output = quoted(written);
  const bytes = Buffer.byteLength(written);
  return Number(sql(`INSERT INTO {TaskRuns} (TaskQueueId, Attempt, Status, StartedOn, FinishedOn, PercentsCompleted, ProgressNote,
    Results, ErrorCode, ErrorMessage, StandardOutput, StandardOutputBytes, ErrorOutput, ErrorOutputBytes)
    VALUES (${taskId}, ${attempt}, 'error', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), 50, ${quoted(text)},
    ${quoted(JSON.stringify({ [text]: [text] }))}, ${quoted(text)}, ${quoted(text)}, ${output}, ${bytes}, ${output}, ${bytes});
    SELECT LAST_INSERT_ID();`));
}

before(async () => {
  assert.equal(new Set(payloads).size, 60);
  const { TaskQueueId } = await scriptRun('true');
  harmless = insertRun(kHarmless, 1001, TaskQueueId);
  runs = payloads.map((payload, index) => ({ payload, id: insertRun(payload, 1002 + index, TaskQueueId) }));
  const lines = payloads.map((payload) => `${payload} needle\n`).join('');
  all = insertRun(kHarmless, 1100, TaskQueueId, lines);
});

// Returns every element with its attribute names, in document order: of the page, or of the given HTML.
const elementsOf = (page, html) => page.evaluate((text) => {
  const root = text === undefined ? document : new DOMParser().parseFromString(text, 'text/html');
  return [...root.querySelectorAll('*')].map((element) => `${element.localName} ${element.getAttributeNames().sort().join(' ')}`);
}, html);

async function served(path) {
  const answer = await signedIn(path);
  assert.equal(answer.status, 200, path);
  return answer.text();
}

test('60 payloads in each text of a run change no element that the server makes', async (t) => {
  const page = await openPage(t);
  const expected = await elementsOf(page, await served(`runs/${harmless}`));
  for (const { payload, id } of runs) {
    assert.deepEqual(await elementsOf(page, await served(`runs/${id}`)), expected, payload);
  }
});

test('60 payloads looked for change no element', async (t) => {
  const page = await openPage(t);
  const expected = await elementsOf(page, await served(`runs/${harmless}?q=${kHarmless}s`));
  for (const payload of payloads) {
    const path = `runs/${harmless}?q=${encodeURIComponent(payload)}`;
    if (kSeparator.test(payload)) {
      assert.equal((await signedIn(path)).status, 400, payload);
    } else {
      assert.deepEqual(await elementsOf(page, await served(path)), expected, payload);
    }
  }
});

test('60 payloads are shown as they are, and the script makes of each a line', async (t) => {
  const page = await openPage(t, { path: `runs/${all}` });
  const shown = () => page.locator('#log .row code').allTextContents();
  const wanted = payloads.map((payload) => `${payload.replace(kSeparator, '\uFFFD')} needle`);
  assert.deepEqual(await shown(), wanted);
  const before = (await elementsOf(page)).filter((element) => !element.startsWith('mark'));
  const field = page.getByRole('searchbox', { name: 'Search the log' });
  await field.fill('needle');
  await field.press('Enter');
  await page.getByText('Match 1 of 60').waitFor();
  assert.equal(await page.locator('#log mark').count(), 60);
  assert.deepEqual(await shown(), wanted);
  const made = (await elementsOf(page)).filter((element) => !element.startsWith('mark'));
  assert.equal(made.length, before.length + 1, 'the link to the next match is all that is new');
});

test('every sixth payload in the head of a run opens nothing in a browser', async (t) => {
  const page = await openPage(t);
  for (const { payload, id } of runs.filter((_, index) => index % 6 === 0)) {
    await visit(page, `runs/${id}`);
    assert.ok((await page.locator('.error-text').textContent()).startsWith(payload));
  }
});
