// A client is generated from the OpenAPI document, compiled with strict types, and used against the stack.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { openApiTypes, typescript } from '../support/libraries.mjs';
import { settings } from '../support/stack.mjs';

// The compiled client lies beside the packages, where it finds them.
const kDirectory = `${process.env.LIBRARIES}/client`;
const kOptions = {
  strict: true, target: typescript.ScriptTarget.ES2022, module: typescript.ModuleKind.NodeNext,
  moduleResolution: typescript.ModuleResolutionKind.NodeNext, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [],
};
const kSource = readFileSync(new URL('../support/client.ts', import.meta.url), 'utf8');

// Compiles the text together with the generated types, and returns what the compiler says.
function compile(name, text) {
  writeFileSync(`${kDirectory}/${name}.ts`, text);
  const program = typescript.createProgram([`${kDirectory}/${name}.ts`], kOptions);
  const emitted = program.emit();
  return [...typescript.getPreEmitDiagnostics(program), ...emitted.diagnostics]
    .map((one) => typescript.flattenDiagnosticMessageText(one.messageText, '\n'));
}

test('a client generated from the document enqueues, reads and lists', async () => {
  const headers = { Authorization: `Bearer ${settings.API_TOKEN}` };
  const answer = await fetch(`${settings.BASE_URL}/api/v1/openapi.json`, { headers });
  assert.equal(answer.status, 200);
  rmSync(kDirectory, { recursive: true, force: true });
  mkdirSync(kDirectory);
  writeFileSync(`${kDirectory}/package.json`, '{"type":"module"}');
  const { default: generate, astToString } = openApiTypes;
  writeFileSync(`${kDirectory}/api.ts`, astToString(await generate(await answer.json())));

  assert.deepEqual(compile('client', kSource), []);
  const client = await import(`${kDirectory}/client.js`);
  const task = await client.enqueueAndRead(settings.BASE_URL, settings.API_TOKEN);
  assert.equal(task.Title, 'By a client');
  assert.equal(task.Priority, 3);
  assert.ok(await client.listFailed(settings.BASE_URL, settings.API_TOKEN) >= 0);
  assert.equal(await client.refusedTitle(settings.BASE_URL, settings.API_TOKEN), 'The tasks were not accepted');

  const wrong = compile('wrong', kSource.replace("State: 'failed'", "State: 'broken'").replace('Priority: 3', "Priority: 'high'"));
  assert.equal(wrong.length, 2, wrong.join('\n'));
  assert.match(wrong.join('\n'), /string/);
  assert.match(wrong.join('\n'), /"broken"/);
});
