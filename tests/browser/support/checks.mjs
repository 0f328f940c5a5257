// What must hold for every page: no axe finding, no sideways scrolling; and its picture for the gallery.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { withoutItsScripts } from './browser.mjs';
import { axeSource } from './libraries.mjs';

const gallery = fileURLToPath(new URL('../gallery/', import.meta.url));
mkdirSync(gallery, { recursive: true });

// Zero findings of axe, WCAG 2.2 A and AA with its best practices. Where the page has no JavaScript, axe has none
// either: it looks at the same address with the page's own scripts held back.
export async function checkAccessible(page, what = page.url()) {
  const looked = page.javaScript ? page : await withoutItsScripts(page);
  await looked.evaluate(axeSource);
  const findings = await looked.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
  });
  if (looked !== page) await looked.close();
  assert.deepEqual(findings, [], `axe on ${what}`);
}

// Nothing makes the page wider than the window; what is wide scrolls inside itself.
export async function checkFits(page, what = page.url()) {
  const { width, room, widest } = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const scrolls = (element) => element && (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement));
    const widest = [...document.body.querySelectorAll('*')]
      .find((element) => element.getBoundingClientRect().right > room + 1 && !scrolls(element.parentElement));
    return { width: document.documentElement.scrollWidth, room, widest: widest?.outerHTML.slice(0, 200) };
  });
  assert.ok(width <= room, `${what} is ${width} px wide in a window of ${room} px: ${widest}`);
}

// A picture of the whole page as it is now.
export async function picture(page, name) {
  await page.screenshot({ path: `${gallery}${name}.png`, fullPage: true, animations: 'disabled' });
}
