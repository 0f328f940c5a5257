// Makes the log of a run live: windows of lines as one scrolls, new lines as they are written, search, marked lines.
// Without it the same page works by links. Text only ever becomes text nodes.
'use strict';

(() => {
  const kMostRows = 2000;     // lines in the document
  const kWindowLines = 500;   // of one answer, as the server makes them
  const kPollMs = 1000;
  const kTroubleMs = 5000;    // until the next try when the server does not answer
  const kEdgePixels = 800;    // from an end of what is loaded: the next lines are fetched
  const kBottomPixels = 4;    // from the bottom: still there

  const view = document.getElementById('log-view');
  if (!view) return;
  const byId = (id) => document.getElementById(id);
  const log = byId('log');
  const news = byId('log-news');
  const words = byId('log-words').dataset;
  const numbers = new Intl.NumberFormat(document.documentElement.lang || 'en');
  const { stream, page } = view.dataset;

  const state = {
    cursor: view.dataset.cursor,          // where the next poll reads on
    last: Number(view.dataset.last),      // number of the log's last line
    open: view.dataset.open === '1',
    follow: false,
    unseen: 0,
    search: new URLSearchParams(location.search).get('q') ?? '',
    match: 0,
    marked: null,                         // [first, last]
    loading: null,
  };

  const fill = (text, ...values) => text.replace(/%(\d)/g, (_, place) => values[place - 1]);
  const numberOf = (row) => (row?.id ? Number(row.id.slice(1)) : 0);
  const rows = () => log.querySelectorAll('.row[id]');
  const firstNumber = () => numberOf(log.querySelector('.row[id]')) || 1;
  const lastNumber = () => numberOf(log.querySelector('.row[id]:last-child'));
  const isAtEnd = () => lastNumber() >= state.last;
  const isAtBottom = () => log.scrollTop + log.clientHeight >= log.scrollHeight - kBottomPixels;

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // ── lines ──
  function spanOf([text, classes, found]) {
    const span = classes ? element('span', classes, text) : document.createTextNode(text);
    if (!found) return span;
    const mark = element('mark');
    mark.append(span);
    return mark;
  }

  function isMarked(number) {
    return state.marked !== null && number >= state.marked[0] && number <= state.marked[1];
  }

  function rowsOf(lines) {
    const made = document.createDocumentFragment();
    for (const line of lines) {
      if (line.Dropped) {
        const gap = element('div', 'row');
        gap.append(element('span', 'gap', fill(words.dropped, numbers.format(line.Dropped))));
        made.append(gap);
      }
      const row = element('div', isMarked(line.Number) ? 'row marked' : 'row');
      row.id = `L${line.Number}`;
      const number = element('a', 'number', line.Number);
      number.href = `${page}?stream=${stream}&lines=${line.Number}#L${line.Number}`;
      number.tabIndex = -1;
      const code = element('code');
      code.append(...line.Spans.map(spanOf));
      if (line.Hidden) code.append(element('span', 'hidden-part', fill(words.hidden, numbers.format(line.Hidden))));
      row.append(number, code);
      made.append(row);
    }
    return made;
  }

  // Keeps the document small; the lines that stay do not move.
  function trim(fromTop) {
    const all = rows();
    const surplus = all.length - kMostRows;
    if (surplus <= 0) return;
    const height = log.scrollHeight;
    if (fromTop) {
      const keep = all[surplus];
      const first = keep.previousElementSibling && !keep.previousElementSibling.id ? keep.previousElementSibling : keep;
      while (log.firstElementChild !== first) log.firstElementChild.remove();
      log.scrollTop -= height - log.scrollHeight;
    } else {
      const keep = all[kMostRows - 1];
      while (log.lastElementChild !== keep) log.lastElementChild.remove();
    }
  }

  function append(lines) {
    for (const line of lines) byId(`L${line.Number}`)?.remove();  // a line that was not whole yet
    log.append(rowsOf(lines));
    trim(true);
  }

  function prepend(lines) {
    const height = log.scrollHeight;
    log.prepend(rowsOf(lines));
    log.scrollTop += log.scrollHeight - height;
    trim(false);
  }

  function replaceAll(lines) {
    log.replaceChildren(rowsOf(lines));
  }

  // ── fetching ──
  async function fetchLog(parameters) {
    const query = new URLSearchParams({ stream, ...parameters });
    const answer = await fetch(`${view.dataset.log}?${query}`, { headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(`the log answered ${answer.status}`);
    return answer.json();
  }

  // One at a time: what is asked for while another is on its way is left to the next scroll or poll.
  async function exclusively(work) {
    if (state.loading) return;
    state.loading = work();
    try {
      await state.loading;
    } catch (trouble) {
      console.warn(trouble.message);
    } finally {
      state.loading = null;
    }
  }

  const found = () => (state.search ? { q: state.search } : {});

  function loadMore() {
    const { scrollTop, clientHeight, scrollHeight } = log;
    if (scrollTop + clientHeight > scrollHeight - kEdgePixels && lastNumber() < state.last) {
      return exclusively(async () => {
        const answer = await fetchLog({ from: lastNumber() + 1, ...found() });
        state.last = Math.max(state.last, answer.LastLine);
        append(answer.Lines);
      });
    }
    if (scrollTop < kEdgePixels && firstNumber() > 1) {
      const before = firstNumber();
      return exclusively(async () => {
        const answer = await fetchLog({ from: Math.max(before - kWindowLines, 1), ...found() });
        const earlier = answer.Lines.filter((line) => line.Number < before);
        if (earlier.at(-1)?.Number === before - 1) prepend(earlier);
        else replaceAll(answer.Lines);  // very long lines: fewer than wanted came
      });
    }
    return undefined;
  }

  async function show(parameters, place) {
    await state.loading;
    await exclusively(async () => {
      const answer = await fetchLog({ ...parameters, ...found() });
      state.last = Math.max(state.last, answer.LastLine);
      replaceAll(answer.Lines);
      place(answer);
    });
    showPlace();
  }

  const toFirst = () => show({ from: 1 }, () => { log.scrollTop = 0; });
  const toLast = () => show({ from: Math.max(state.last - kWindowLines + 1, 1) }, () => { log.scrollTop = log.scrollHeight; });

  // ── where one is ──
  function rowAt(offset) {
    const all = rows();
    let low = 0;
    let high = all.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (all[middle].offsetTop - log.offsetTop <= offset) low = middle;
      else high = middle - 1;
    }
    return numberOf(all[low]);
  }

  function showPlace() {
    const where = byId('log-where');
    byId('log-parts').hidden = firstNumber() === 1 && isAtEnd();
    if (!log.querySelector('.row[id]')) { where.textContent = ''; return; }
    byId('log-empty')?.remove();
    where.textContent = fill(words.where, numbers.format(rowAt(log.scrollTop)),
      numbers.format(rowAt(log.scrollTop + log.clientHeight - 2)), numbers.format(Math.max(state.last, lastNumber())));
  }

  function scrollToLine(number) {
    const row = byId(`L${number}`);
    if (row) log.scrollTop = Math.max(row.offsetTop - log.offsetTop - log.clientHeight / 4, 0);
    showPlace();
  }

  // ── marked lines: #L120 or #L120-L130 ──
  function mark(first, last) {
    state.marked = [Math.min(first, last), Math.max(first, last)];
    for (const row of rows()) row.classList.toggle('marked', isMarked(numberOf(row)));
  }

  async function showHash() {
    const wanted = /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
    if (!wanted) return;
    const first = Number(wanted[1]);
    mark(first, Number(wanted[2] ?? first));
    setFollow(false);
    if (byId(`L${state.marked[0]}`)) scrollToLine(state.marked[0]);
    else await show({ lines: `${state.marked[0]}-${state.marked[1]}` }, () => scrollToLine(state.marked[0]));
  }

  log.addEventListener('click', (event) => {
    const number = event.target.closest('.number');
    if (!number || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    const clicked = numberOf(number.parentElement);
    if (event.shiftKey && state.marked) mark(state.marked[0], clicked);
    else mark(clicked, clicked);
    const [first, last] = state.marked;
    history.replaceState(null, '', `${page}?stream=${stream}#L${first}${last > first ? `-L${last}` : ''}`);
  });

  byId('log-go').addEventListener('submit', (event) => {
    event.preventDefault();
    const range = /^(\d+)(?:-(\d+))?$/.exec(event.target.elements.lines.value.trim());
    if (!range) return;
    history.replaceState(null, '', `${page}?stream=${stream}#L${range[1]}${range[2] ? `-L${range[2]}` : ''}`);
    showHash();
  });

  // ── search ──
  function matchLink(text, match) {
    const link = element('a', '', text);
    link.href = `${page}?${new URLSearchParams({ stream, q: state.search, match })}#log`;
    link.dataset.match = match;
    return link;
  }

  async function searchFor(match) {
    setFollow(false);
    await show({ match }, (answer) => {
      const links = byId('log-match-links');
      links.replaceChildren();
      state.match = answer.Match ?? 0;
      byId('log-matches').textContent = answer.Match === undefined ? words.noMatch
        : fill(words.matches, numbers.format(answer.Match), numbers.format(answer.Matches));
      if (answer.Match > 1) links.append(matchLink(words.previous, answer.Match - 1), ' ');
      if (answer.Match < answer.Matches) links.append(matchLink(words.next, answer.Match + 1));
      if (answer.Line) scrollToLine(answer.Line);
    });
  }

  byId('log-search').addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = event.target.elements.q.value;
    if (!wanted) {
      state.search = '';
      byId('log-matches').textContent = '';
      byId('log-match-links').replaceChildren();
      toFirst();
      return;
    }
    const isNext = wanted === state.search && state.match > 0;
    state.search = wanted;
    searchFor(isNext ? state.match + 1 : 1);
  });

  byId('log-match-links').addEventListener('click', (event) => {
    const link = event.target.closest('a[href]');
    if (!link) return;
    event.preventDefault();
    searchFor(Number(new URL(link.href).searchParams.get('match')));
  });

  // ── following ──
  function setFollow(on) {
    state.follow = on && state.open;
    byId('log-follow').setAttribute('aria-pressed', String(state.follow));
    if (!state.follow) return;
    state.unseen = 0;
    news.hidden = true;
  }

  function showNews() {
    news.hidden = state.unseen === 0;
    news.textContent = state.unseen === 1 ? words.newsOne : fill(words.newsMany, numbers.format(state.unseen));
  }

  async function goToNews() {
    if (!isAtEnd()) await toLast();
    log.scrollTop = log.scrollHeight;
    state.unseen = 0;
    news.hidden = true;
    setFollow(true);
    log.focus();
  }

  function take(answer) {
    const { Lines: lines } = answer;
    const wasAtEnd = isAtEnd();
    const added = Math.max(answer.LastLine - state.last, 0);
    state.cursor = answer.Next;
    state.last = Math.max(state.last, answer.LastLine);
    if (lines.length > 0) {
      const isNext = wasAtEnd && lines[0].Number <= lastNumber() + 1;
      const hasRoom = state.follow || rows().length + lines.length <= kMostRows;
      if (isNext && hasRoom) append(lines);
      else if (state.follow) replaceAll(lines);
    }
    if (state.follow) log.scrollTop = log.scrollHeight;
    else if (added > 0) state.unseen += added;
    showNews();
    showPlace();
  }

  function showRun(answer) {
    const status = byId('run-status');
    if (byId('run-progress')) byId('run-progress').value = answer.PercentsCompleted;
    if (byId('run-percents')) byId('run-percents').textContent = `${answer.PercentsCompleted} %`;
    if (byId('run-note')) byId('run-note').textContent = answer.ProgressNote;
    if (status && status.textContent !== answer.Status && answer.Open) {
      status.className = `status ${answer.Status}`;
      status.textContent = answer.Status;
    }
  }

  // The run's head has much that only its end brings: it is taken from the page as it is now.
  async function showEnd() {
    const answer = await fetch(page);
    const policy = window.trustedTypes?.createPolicy('taskqueue-log', { createHTML: (html) => html });
    const text = await answer.text();
    const now = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'text/html');
    for (const id of ['run', 'results']) {
      const fresh = now.getElementById(id);
      if (fresh) byId(id)?.replaceWith(document.adoptNode(fresh));
    }
  }

  async function poll() {
    let wait = kPollMs;
    if (!document.hidden && !state.loading) {
      try {
        const answer = await fetchLog({ after: state.cursor });
        take(answer);
        showRun(answer);
        if (!answer.Open) {
          state.open = false;
          setFollow(false);
          await showEnd();
          return;
        }
      } catch (trouble) {
        console.warn(trouble.message);
        wait = kTroubleMs;
      }
    }
    setTimeout(poll, wait);
  }

  // ── controls ──
  function wrap(on) {
    log.classList.toggle('wrap', on);
    byId('log-wrap').setAttribute('aria-pressed', String(on));
    try { localStorage.setItem('taskqueue-log-wrap', on ? '1' : '0'); } catch { /* not allowed: it is not remembered */ }
  }

  function remembersNoWrap() {
    try { return localStorage.getItem('taskqueue-log-wrap') === '0'; } catch { return false; }
  }

  function partButton(text, go) {
    const button = element('button', '', text);
    button.type = 'button';
    button.addEventListener('click', () => { setFollow(false); go(); });
    return button;
  }

  byId('log-parts').replaceChildren(partButton(words.first, toFirst), partButton(words.last, toLast));
  byId('log-wrap').hidden = false;
  byId('log-wrap').addEventListener('click', () => wrap(!log.classList.contains('wrap')));
  if (remembersNoWrap()) wrap(false);
  byId('log-follow').hidden = !state.open;
  byId('log-follow').addEventListener('click', () => (state.follow ? setFollow(false) : goToNews()));
  news.addEventListener('click', goToNews);

  let lastTop = 0;
  log.addEventListener('scroll', () => {
    const wentUp = log.scrollTop < lastTop - kBottomPixels;
    lastTop = log.scrollTop;
    if (state.follow && wentUp && !isAtBottom()) setFollow(false);
    else if (!state.follow && state.open && isAtBottom() && isAtEnd()) setFollow(true);
    showPlace();
    loadMore();
  });
  log.addEventListener('keydown', (event) => {
    if (event.altKey || event.shiftKey || event.target !== log) return;
    if (event.key === 'Home') { event.preventDefault(); setFollow(false); toFirst(); }
    if (event.key === 'End') { event.preventDefault(); if (state.open) goToNews(); else toLast(); }
  });
  window.addEventListener('hashchange', showHash);

  if (state.search) state.match = Number(new URLSearchParams(location.search).get('match') ?? 1);
  if (state.open && isAtEnd()) setFollow(true);
  if (state.follow || (isAtEnd() && firstNumber() > 1)) log.scrollTop = log.scrollHeight;
  if (/^#L\d/.test(location.hash)) showHash();
  else if (log.querySelector('.marked')) scrollToLine(numberOf(log.querySelector('.marked')));
  else if (log.querySelector('mark')) scrollToLine(numberOf(log.querySelector('mark').closest('.row')));
  showPlace();
  if (state.open) setTimeout(poll, kPollMs);
})();
