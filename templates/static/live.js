// Keeps a page up to date. It requests the page again by its own address, with the version that it has, and shows the
// changes. Values change in place. Rows never move: new rows wait behind "3 new — show".
'use strict';

(() => {
  const { words, announce, refreshed } = taskqueue;
  const main = document.getElementById('content');
  const toggle = document.getElementById('live-toggle');
  // The page of a run is updated by log.js.
  if (document.getElementById('log-view') || !main.querySelector('[data-live], [data-live-rows]')) return;

  // Milliseconds between an answer and the next request. They are shorter while something may change soon, most of
  // all for a task.
  const kBusy = document.getElementById('task-head') ? 700 : 1000;
  const kIdle = 4000;
  const kSearching = 50;
  // These mark pages that change soon: the overview, a task that has not ended, and pages with a running task.
  const kChanging = '.tiles, #task-head:is([data-task-status=waiting], [data-task-status=retrying]), [data-status=running], [data-progress]';
  const kMaxWait = 60000;       // ms, longest wait after errors
  const kIdleMs = 30 * 60000; // ms without input after which updates pause
  const kStalled = 90000;        // ms without progress after which a run is shown as stalled
  const kPaceSpan = 60000;       // ms over which the rate of progress is measured

  // Only here does text become elements. It is our server's own page, in which every value is escaped.
  const policy = window.trustedTypes
    ? trustedTypes.createPolicy('taskqueue', { createHTML: (text) => text })
    : { createHTML: (text) => text };
  const parsed = (text) => new DOMParser().parseFromString(policy.createHTML(text), 'text/html').body;

  let version = null;
  let waiting = kIdle;
  let timer = null;
  let asking = false;
  let failures = 0;
  let newest = null;  // the last received page, including the new rows
  let touched = Date.now();
  let paused = taskqueue.remembered('live') === 'off';

  // ── showing the changes ──
  const sameKind = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName &&
    (a.dataset?.key ?? null) === (b.dataset?.key ?? null);
  const copyAttributes = (from, to) => {
    for (const { name, value } of from.attributes) {
      if (to.getAttribute(name) !== value && name !== 'open') to.setAttribute(name, value);
    }
    for (const { name } of [...to.attributes]) {
      if (!from.hasAttribute(name) && !['open', 'title', 'class', 'hidden'].includes(name)) to.removeAttribute(name);
    }
  };
  const isKept = (node) => node.nodeType === Node.ELEMENT_NODE &&
    (node === document.activeElement || node.matches('.pace, .watch, pre.copy') || node.nodeName === 'TIME');
  const merge = (from, to) => {
    const wanted = [...from.childNodes];
    for (let i = 0; i < wanted.length; ++i) {
      const have = to.childNodes[i];
      if (!have) {
        to.append(document.importNode(wanted[i], true));
      } else if (!sameKind(wanted[i], have)) {
        to.replaceChild(document.importNode(wanted[i], true), have);
      } else if (have.nodeType !== Node.ELEMENT_NODE) {
        if (have.nodeValue !== wanted[i].nodeValue) have.nodeValue = wanted[i].nodeValue;
      } else {
        copyAttributes(wanted[i], have);
        if (!isKept(have)) merge(wanted[i], have);
        if (have.nodeName === 'TIME' && have.dateTime !== wanted[i].dateTime) have.dateTime = wanted[i].dateTime;
      }
    }
    while (to.childNodes.length > wanted.length) to.lastChild.remove();
  };

  const news = document.getElementById('news');
  const showNews = (count) => {
    if (!news) return;
    news.hidden = count === 0;
    const text = count === 1 ? words.newOne : words.newMany.replace('%1', count);
    if (news.firstElementChild.textContent === text || count === 0) return;
    news.firstElementChild.textContent = text;
    announce(text);
  };
  const mergeRows = (from, to) => {
    const fresh = new Map([...from.querySelectorAll('tbody > tr')].map((row) => [row.dataset.key, row]));
    for (const row of to.querySelectorAll('tbody > tr')) {
      const now = fresh.get(row.dataset.key);
      row.classList.toggle('gone', !now);
      if (now) for (let i = 0; i < row.cells.length; ++i) {
        if (!row.cells[i].matches('.select') && now.cells[i]) merge(now.cells[i], row.cells[i]);
      }
      fresh.delete(row.dataset.key);
    }
    showNews(fresh.size);
  };
  // The badge stands in the head of the page, which is not part of the answer otherwise.
  const takeBadge = (page) => {
    const now = page.querySelector('[data-health-badge]');
    if (now) for (const badge of document.querySelectorAll('header [data-health-badge], nav.embedded [data-health-badge]')) merge(now, badge);
    now?.parentElement.remove();
  };
  const takeOver = (page) => {
    takeBadge(page);
    newest = page;
    for (const part of main.querySelectorAll('[data-live]')) {
      const now = page.querySelector('[data-live="' + CSS.escape(part.dataset.live) + '"]');
      if (!now) continue;
      copyAttributes(now, part);
      merge(now, part);
    }
    const rows = main.querySelector('[data-live-rows]');
    const now = page.querySelector('[data-live-rows]');
    if (rows && now && rows.tBodies[0].rows.length === 0 && now.tBodies[0].rows.length > 0) showAll();
    else if (rows && now) mergeRows(now, rows);
    refreshed(main);
    showPace();
  };
  const showAll = () => {
    if (!newest) return;
    merge(newest, main);
    newest = null;
    showNews(0);
    refreshed(main);
  };
  news?.firstElementChild.addEventListener('click', showAll);

  // ── progress: the rate, the remaining time, or that it has stalled ──
  const samples = new Map();  // [time, percent] samples of each run
  const duration = (ms) => {
    const seconds = Math.round(ms / 1000);
    return seconds < 100 ? seconds + ' s' : seconds < 6000 ? Math.round(seconds / 60) + ' min' : Math.round(seconds / 3600) + ' h';
  };
  const showPace = () => {
    const now = Date.now();
    const shown = new Set();
    for (const bar of main.querySelectorAll('[data-progress]')) {
      const run = bar.dataset.run;
      const percents = Number(bar.dataset.progress);
      shown.add(run);
      const list = samples.get(run) ?? [[now, percents]];
      samples.set(run, list);
      if (list.at(-1)[1] !== percents) list.push([now, percents]);
      while (list.length > 2 && now - list[1][0] > kPaceSpan) list.shift();
      const pace = bar.querySelector('.pace');
      if (!pace) continue;
      const stalled = now - list.at(-1)[0] > kStalled && percents < 100;
      const [since, at] = list[0];
      const rate = (percents - at) / (now - since);
      pace.classList.toggle('stalled', stalled);
      if (stalled) pace.textContent = words.stalled;
      else if (rate > 0 && percents < 100) {
        pace.textContent = words.left.replace('%1', duration((100 - percents) / rate));
      }
    }
    for (const run of samples.keys()) if (!shown.has(run)) samples.delete(run);
  };

  // ── requests ──
  // A watched task is polled even on a hidden page, since the reader wants to hear of its end.
  const isUnseen = () => document.hidden && !taskqueue.isWatching();
  const isBusy = () => isUnseen() || paused || document.querySelector('dialog[open], details.confirm[open]') !== null ||
    main.querySelector('td.select input:checked') !== null ||
    (document.activeElement?.closest('main form') && document.activeElement.matches('input:not([type=checkbox]), select, textarea'));
  // A search that has found nothing yet continues by itself, as if its link were clicked.
  const furtherSearch = () => main.querySelector('tbody tr[data-key]') ? null : main.querySelector('a[data-search-on]');
  const pace = () => furtherSearch() ? kSearching : main.querySelector(kChanging) ? kBusy : kIdle;
  const searchOn = (link, page) => {
    history.replaceState(history.state, '', link.href);
    takeBadge(page);
    newest = page;
    showAll();
    const result = main.querySelector('.empty p, .grid caption span:last-child');
    if (!furtherSearch() && result) announce(result.textContent);
  };
  const ask = async () => {
    if (asking) return;
    asking = true;
    let status;
    try {
      const further = furtherSearch();
      const address = new URL(further ? further.href : location.href);
      address.searchParams.set('live', '1');
      address.hash = '';
      const known = version && !further ? { 'If-None-Match': version } : {};
      taskqueue.freshness.asked();
      const answer = await fetch(address, { headers: known, signal: AbortSignal.timeout(10000) });
      if (answer.status !== 304) {
        if (!answer.ok) {
          status = answer.status;
          throw new Error(String(status));
        }
        version = answer.headers.get('ETag');
        const text = await answer.text();
        if (isBusy()) version = null;
        else if (further) searchOn(further, parsed(text));
        else takeOver(parsed(text));
      } else {
        showPace();
      }
      taskqueue.freshness.answered();
      failures = 0;
      waiting = pace();
    } catch {
      taskqueue.freshness.failed(status);
      waiting = Math.min(kMaxWait, kBusy * 2 ** ++failures) * (0.5 + Math.random() / 2);
    } finally {
      asking = false;
    }
  };
  const next = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (Date.now() - touched > kIdleMs && !paused && !taskqueue.isWatching()) {
        paused = true;
        announce(words.idle);
        label();
      }
      if (!isBusy()) await ask();
      next();
    }, waiting);
  };
  const label = () => {
    toggle.hidden = false;
    toggle.textContent = paused ? toggle.dataset.off : toggle.dataset.on;
    toggle.setAttribute('aria-pressed', String(paused));
  };
  toggle.addEventListener('click', () => {
    paused = !paused;
    taskqueue.remember('live', paused ? 'off' : null);
    label();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    touched = Date.now();
    waiting = 100;
    next();
  });
  for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, () => { touched = Date.now(); });
  taskqueue.refresh = async () => {
    await ask();
    showAll();
  };
  label();
  waiting = furtherSearch() ? kSearching : kBusy;
  next();
})();
