// What a run writes, says and returns stays text: no payload changes an element of the run's page.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { openPage, visit } from '../support/browser.mjs';
import { payloads } from '../support/payloads.mjs';
import { scriptRun, sql } from '../support/stack.mjs';

const kHarmless = 'harmless';
let runs = [];
let harmless;

const quoted = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

// An ended run that has the text wherever a run has text, inserted by hand as anybody with the database could.
function insertRun(text, attempt, taskId) {
  const output = quoted(`before\n${text} needle\nafter\n`);
  const bytes = Buffer.byteLength(`before\n${text} needle\nafter\n`);
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
});

// Every element with the names of its attributes, in the order of the document.
const elementsOf = (page) => page.evaluate(() => [...document.querySelectorAll('*')]
  .map((element) => `${element.localName} ${element.getAttributeNames().sort().join(' ')}`));

// The page as the server made it, and after its script has made the lines anew.
async function elementsOfRun(page, id) {
  await visit(page, `runs/${id}`);
  const served = await elementsOf(page);
  const field = page.getByRole('searchbox', { name: 'Search the log' });
  await field.fill('needle');
  await field.press('Enter');
  await page.getByText('Line 1 of 1 that match').waitFor();
  assert.equal(await page.locator('#L2 mark').textContent(), 'needle');
  return { served, made: await elementsOf(page) };
}

test('60 payloads in each text of a run change no element', async (t) => {
  const page = await openPage(t);
  const expected = await elementsOfRun(page, harmless);
  for (const { payload, id } of runs) {
    assert.deepEqual(await elementsOfRun(page, id), expected, payload);
    assert.ok((await page.locator('#L2 code').textContent()).startsWith(payload), `${payload} is shown as it is`);
    assert.ok((await page.locator('.error-text').textContent()).startsWith(payload));
  }
});

test('60 payloads looked for change no element', async (t) => {
  const page = await openPage(t, { javaScript: false });
  await visit(page, `runs/${harmless}?q=${kHarmless}s`);
  const expected = await elementsOf(page);
  for (const payload of payloads) {
    await visit(page, `runs/${harmless}?q=${encodeURIComponent(payload)}`);
    assert.deepEqual(await elementsOf(page), expected, payload);
    assert.equal(await page.getByRole('searchbox', { name: 'Search the log' }).inputValue(), payload);
  }
});
