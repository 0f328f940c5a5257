// Starts PHP 7.4 with a copy of what it checks: check.mjs LIBRARIES CHECKOUT. Exit status 0: nothing found.
import { File } from 'node:buffer';
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

globalThis.File ??= File;  // the package needs it at its start, and Node.js has it globally from version 20 on

const [libraries, checkout] = process.argv.slice(2);
const require = createRequire(join(libraries, 'package.json'));
const { getPHPLoaderModule } = require('@php-wasm/node-7-4');
const { loadPHPRuntime, PHP } = createRequire(require.resolve('@php-wasm/node-7-4'))('@php-wasm/universal');

const kFolders = ['module/php', 'tests/php74', 'tests/support/php'];
const kFiles = ['tests/support/mail_addresses.txt'];
// Tests that need no other process and no database.
const kTests = ['task_test.php', 'doubles_test.php', 'fakes_test.php', 'addresses_test.php'];

let php;
await start();

async function start() {
  php = new PHP(await loadPHPRuntime(await getPHPLoaderModule()));
  php.writeFile('/symbols.json', readFileSync(join(libraries, 'symbols.json')));
  for (const folder of kFolders) copyFolder(folder);
  for (const file of kFiles) copyFile(file);
}

function copyFolder(folder) {
  php.mkdir(`/checkout/${folder}`);
  for (const entry of readdirSync(join(checkout, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) copyFolder(path);
    else if (/\.(php|md|json)$/.test(entry.name)) copyFile(path);
  }
}

function copyFile(path) {
  php.writeFile(`/checkout/${path}`, readFileSync(join(checkout, path)));
}

// Returns what the script prints, or throws with its output when it fails. A failure may leave this PHP unusable.
async function run(code) {
  try {
    const answer = await php.run({ code: `<?php error_reporting(E_ALL); ini_set('html_errors', '0'); ${code}` });
    if (answer.exitCode === 0) return answer.text;
    throw new Error(answer.text + answer.errors);
  } catch (error) {
    await start();
    throw new Error(String(error?.message ?? error).replace(/\s+/g, ' ').slice(-600));
  }
}

// What must stand before any other statement.
const kHead = /^<\?php\b(?:\s|\/\*.*?\*\/|\/\/[^\n]*\n|#[^\n]*\n|declare\([^)]*\);|namespace [\w\\]+;|use [^;]+;)*/s;

// Compiles the code and does not run it. Returns what PHP says about it; '' if nothing.
async function compile(code) {
  const start = kHead.exec(code)[0];
  php.writeFile('/code.php', `${start} return; ${code.slice(start.length)}`);
  return await run("include '/code.php';").catch((error) => error.message);
}

const problems = [];
const version = await run('echo PHP_VERSION;');
if (!version.startsWith('7.4.')) problems.push(`this is PHP ${version}`);
const found = JSON.parse(await run("require '/checkout/tests/php74/check.php';"));
problems.push(...found.problems);
// A class that cannot be loaded ends PHP, so its name is printed before.
await run(`require '/checkout/tests/php74/psr_log.php'; require '/checkout/module/php/autoload.php';
  foreach (json_decode('${JSON.stringify(found.classes).replaceAll('\\', '\\\\')}') as $class) {
    echo "\\n$class: ";
    if (!class_exists($class) && !interface_exists($class) && !trait_exists($class)) { echo 'is not there'; exit(1); }
  }`).catch((error) => problems.push(`a class cannot be loaded: ${error.message}`));
for (const [name, code] of Object.entries(found.codes)) {
  const text = code.startsWith('<?php') ? await compile(code) : '';
  if (text !== '') problems.push(`${name}: ${text}`);
}
for (const fault of found.faultsOfCompiling) {
  if ((await compile(`<?php ${fault}`)) === '') problems.push(`the check itself does not find: ${fault}`);
}
for (const test of kTests) {
  const text = await run(`require '/checkout/tests/support/php/${test}';`).catch((error) => error.message);
  if (text !== 'ok\n') problems.push(`${test}: ${text}`);
}
for (const problem of problems) console.error(`tests/php74: ${problem}`);
console.log(`PHP ${version}: ${found.files} files, ${found.classes.length} classes, ${kTests.length} tests, ` +
  `${found.faults} planted faults; ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
