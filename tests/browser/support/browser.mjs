// Signed-in pages in Chromium. Any violation by a page (a Content-Security-Policy report, a script error, a request to
// another host, a dialog) fails the test that opened it.
import assert from 'node:assert/strict';
import { after } from 'node:test';

import { chromium } from './libraries.mjs';
import { address, kPatience, settings } from './stack.mjs';

const kArguments = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars'];
const kPatienceMs = 15000 * kPatience;

let browser;
after(async () => { await browser?.close(); });

async function theBrowser() {
  browser ??= chromium.launch({ executablePath: '/usr/bin/chromium', headless: false, args: kArguments });
  browser = await browser;
  return browser;
}

// Returns the violations of the page as lines of text; the list grows while the page is open.
async function watch(context, page) {
  const faults = [];
  await context.exposeBinding('reportViolation', (_, text) => faults.push(`CSP: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample} at ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to|Trusted ?Types?/i.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.stack ?? error}`));
  page.on('request', (request) => {
    const isOurs = request.url().startsWith(new URL(settings.BASE_URL).origin) || /^(data|blob|about):/.test(request.url());
    if (!isOurs) faults.push(`a request to elsewhere: ${request.url()}`);
  });
  return faults;
}

// Opens a page in its own context, signed in with a role (viewer, operator, admin). It closes when the test `t` ends.
//   javaScript  whether scripts run
//   theme       light or dark, as the system prefers
//   width       CSS pixels; height
//   language    that the browser prefers
export async function openPage(t, { role = 'admin', javaScript = true, theme = 'light', width = 1280, height = 900,
  language = 'en', path } = {}) {
  const options = {
    httpCredentials: { username: role, password: settings.ADMIN_PASSWORD, send: 'always' },
    javaScriptEnabled: javaScript,
    colorScheme: theme,
    viewport: { width, height },
    locale: language,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  };
  const context = await (await theBrowser()).newContext(options);
  context.setDefaultTimeout(kPatienceMs);
  const page = await context.newPage();
  const faults = await watch(context, page);
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, [], 'the page did what it must not');
  });
  page.javaScript = javaScript;
  page.options = options;
  if (path !== undefined) await visit(page, path);
  return page;
}

// Opens a path below the base path; fails if the answer has a different status.
export async function visit(page, path, status = 200) {
  const answer = await page.goto(address(path), { waitUntil: 'load' });
  assert.equal(answer.status(), status, `GET ${path}`);
  return answer;
}

// Opens the same URL with JavaScript on but the site's own scripts blocked. It closes with the page itself.
export async function withoutItsScripts(page) {
  if (!page.twin) {
    const context = await (await theBrowser()).newContext({ ...page.options, javaScriptEnabled: true });
    page.twin = await context.newPage();
    page.on('close', () => context.close());
    await page.twin.route('**/*.js*', (route) => route.abort());
  }
  await page.twin.goto('about:blank');  // a URL that differs only in its fragment would not be loaded again
  await page.twin.goto(page.url(), { waitUntil: 'load' });
  return page.twin;
}
