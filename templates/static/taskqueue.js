// Adds local times, keys, selection, copying and the watching of a task to the pages. Every page also works without
// it. live.js keeps the pages up to date.
'use strict';

const taskqueue = (() => {
  const words = document.getElementById('words').dataset;
  const announcer = document.getElementById('announcer');

  // Announces a text to screen readers, politely.
  const announce = (text) => { announcer.textContent = text; };

  // If localStorage is forbidden, values are remembered for this page only.
  const here = new Map();
  const remembered = (name) => { try { return localStorage.getItem('taskqueue.' + name); } catch { return here.get(name) ?? null; } };
  const remember = (name, value) => {
    try {
      if (value === null) localStorage.removeItem('taskqueue.' + name);
      else localStorage.setItem('taskqueue.' + name, value);
    } catch { here.set(name, value); }
  };

  // ── times: recent ones by their age, others in the reader's zone; the exact instant on hover ──
  const language = document.documentElement.lang;
  const clock = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const kRecentMs = 86400000;  // a day
  const kAgesMs = 10000;       // between two updates of the ages
  const ago = (date) => {
    const seconds = (date - Date.now()) / 1000;
    for (const [unit, size] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
      if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
    }
    return relative.format(Math.trunc(seconds), 'second');
  };
  const localTimes = (root) => {
    for (const time of root.querySelectorAll('time[datetime]')) {
      const date = new Date(time.dateTime);
      if (Number.isNaN(date.getTime())) continue;
      const exact = clock.format(date);
      const text = Math.abs(date - Date.now()) < kRecentMs ? ago(date) : exact;
      if (time.textContent !== text) time.textContent = text;
      time.title = exact + ' (' + time.dateTime + ')';
    }
  };
  setInterval(() => localTimes(document), kAgesMs);

  // ── time fields: UTC for the server, the reader's time zone on the page ──
  const twoDigits = (number) => String(number).padStart(2, '0');
  const secondsOf = (date) => (date.getSeconds() === 0 ? '' : `:${twoDigits(date.getSeconds())}`);
  for (const word of document.querySelectorAll('[data-utc-word]')) word.hidden = true;
  for (const field of document.querySelectorAll('input[data-utc]')) {
    field.title = field.title.replace(' (UTC)', '');
    if (field.ariaLabel) field.ariaLabel = field.ariaLabel.replace(' (UTC)', '');
    const date = new Date(field.value + 'Z');
    if (Number.isNaN(date.getTime())) continue;
    field.value = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}T` +
      `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}${secondsOf(date)}`;
  }
  document.addEventListener('formdata', (event) => {
    for (const field of event.target.elements) {
      if (!('utc' in field.dataset) || field.value === '') continue;
      const date = new Date(field.value);
      event.formData.set(field.name, date.toISOString().slice(0, 16) + secondsOf(date));
    }
  });

  // ── lines to copy ──
  const copyButtons = (root) => {
    for (const line of root.querySelectorAll('pre.copy')) {
      if (line.querySelector('button')) continue;
      const text = line.textContent;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = words.copy;
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(text);
        button.textContent = words.copied;
        announce(words.copied);
      });
      line.append(button);
    }
  };

  // ── selection ──
  const boxes = () => [...document.querySelectorAll('td.select input')];
  const showSelection = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    for (const button of document.querySelectorAll('[data-needs-selection]')) button.disabled = chosen === 0;
    const all = document.getElementById('select-all');
    if (!all) return;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
  };
  let lastBox = null;
  document.addEventListener('click', (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== 'checkbox') return;
    if (box.id === 'select-all') {
      for (const one of boxes()) one.checked = box.checked;
    } else if (box.closest('td.select')) {
      const list = boxes();
      if (event.shiftKey && lastBox && list.includes(lastBox)) {
        const [from, to] = [list.indexOf(lastBox), list.indexOf(box)].sort((a, b) => a - b);
        for (const one of list.slice(from, to + 1)) one.checked = box.checked;
      }
      lastBox = box;
    }
    showSelection();
  });

  // ── watching a task: the title and a notification tell when it ends ──
  const watchedStatus = () => document.getElementById('task-head')?.dataset;
  const watchKey = () => 'watch.' + watchedStatus().task;
  const openWords = ['waiting', 'retrying', 'parked', 'running'];
  const isWatching = () => openWords.includes(watchedStatus()?.taskStatus) && remembered(watchKey()) === '1';
  const watch = () => {
    const box = document.getElementById('watch');
    if (!box) return;
    box.closest('.watch').hidden = false;
    box.checked = remembered(watchKey()) === '1';
  };
  document.addEventListener('change', async (event) => {
    if (event.target.id === 'keys-on') remember('keys', event.target.checked ? null : 'off');
    if (event.target.id !== 'watch') return;
    remember(watchKey(), event.target.checked ? '1' : null);
    if (!event.target.checked) return;
    announce(words.watching);
    if ('Notification' in window && Notification.permission === 'default') await Notification.requestPermission();
  });
  let lastStatus = watchedStatus()?.taskStatus;
  const statusChanged = () => {
    const head = watchedStatus();
    if (!head || head.taskStatus === lastStatus) return;
    const ended = openWords.includes(lastStatus) && !openWords.includes(head.taskStatus);
    lastStatus = head.taskStatus;
    const text = words.changed.replace('%1', head.task).replace('%2', head.taskStatusText);
    announce(text);
    document.title = text;
    if (!ended || remembered(watchKey()) !== '1') return;
    remember(watchKey(), null);
    if ('Notification' in window && Notification.permission === 'granted') new Notification(text, { body: head.taskName });
  };

  // ── keys ──
  const help = document.getElementById('help');
  const openHelp = () => { if (!help.open) help.showModal(); };
  document.getElementById('help-open').hidden = false;
  document.getElementById('help-open').addEventListener('click', openHelp);
  document.getElementById('keys-on').checked = remembered('keys') !== 'off';
  const rows = () => [...document.querySelectorAll('main tbody tr[data-key]')];
  const move = (by) => {
    const list = rows();
    if (list.length === 0) return;
    const at = list.findIndex((row) => row.classList.contains('at'));
    const next = list[Math.min(Math.max(at + by, 0), list.length - 1)];
    for (const row of list) row.classList.toggle('at', row === next);
    next.scrollIntoView({ block: 'nearest' });
    (next.querySelector('a') ?? next.querySelector('button'))?.focus({ preventScroll: true });
  };
  let afterG = false;
  const keys = {
    '?': openHelp,
    '/': () => {
      const field = document.querySelector('[data-search]');
      if (!field) return;
      const fold = field.closest('details') ?? document.querySelector('.filters');
      if (fold && !field.checkVisibility()) fold.open = true;
      field.focus();
    },
    'j': () => move(1),
    'k': () => move(-1),
    'x': () => { document.querySelector('tr.at td.select input')?.click(); },
    'r': () => taskqueue.refresh?.(),
    'p': () => document.getElementById('live-toggle').click(),
    'g': () => { afterG = true; setTimeout(() => { afterG = false; }, 1500); },
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || help.open || remembered('keys') === 'off') return;
    if (event.target.closest('input, select, textarea, [contenteditable]') && event.target.type !== 'checkbox') return;
    if (afterG) {
      afterG = false;
      const link = document.querySelector('[data-go="' + CSS.escape(event.key) + '"]');
      if (!link) return;
      event.preventDefault();
      link.click();
      return;
    }
    const action = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });

  // Runs after a page was loaded, and after each change that live.js made.
  const refreshed = (root) => {
    localTimes(root);
    copyButtons(root);
    showSelection();
    watch();
    statusChanged();
  };
  document.getElementById('zone').textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
  refreshed(document);
  document.getElementById('problems')?.focus();
  return { words, announce, remembered, remember, refreshed, isWatching };
})();
