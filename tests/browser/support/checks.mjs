// Checks that every page must pass (no axe finding, no horizontal scrolling), and its picture for the gallery.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { withoutItsScripts } from './browser.mjs';
import { axeSource } from './libraries.mjs';

const gallery = fileURLToPath(new URL('../gallery/', import.meta.url));
mkdirSync(gallery, { recursive: true });

// Requires zero findings of axe: WCAG 2.2 A and AA with its best practices. Axe needs JavaScript; a page without it is opened
// again with the site's own scripts blocked.
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
  assert.deepEqual(findings, [], `axe on ${what}`);
}

// No element makes the page wider than the window; wide content scrolls inside its element.
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

// Saves a picture of the whole page in its current state.
export async function picture(page, name) {
  await page.screenshot({ path: `${gallery}${name}.png`, fullPage: true, animations: 'disabled' });
}
