// Updates the log of a run: it loads windows of lines while the reader scrolls, adds new lines, searches and marks
// lines. Without this script the same page works by links.
'use strict';

(() => {
  const Lines = window.TaskQueueLogLines;
  const kWindowLines = 500;   // lines in one answer; the server has the same limit
  const kPollMs = 800; 
  const kHeadMs = 5000;       // ms between two updates of a running run's facts
  const kPatienceMs = 10000;  // ms to wait for one answer
  const kTroubleMs = 5000;    // ms until the next try after an error
  const kEdgePixels = 800;    // px from an end of the loaded lines at which the next lines are loaded
  const kBottomPixels = 4;    // px from the bottom that still count as the bottom

  const view = document.getElementById('log-view');
  if (!view) return;
  const byId = (id) => document.getElementById(id);
  const log = byId('log');
  const news = byId('log-news');
  const words = byId('log-words').dataset;
  const numbers = new Intl.NumberFormat(document.documentElement.lang || 'en');
  const { stream, page } = view.dataset;

  const state = {
    cursor: view.dataset.cursor,          // position from which the next poll reads
    last: Number(view.dataset.last),      // number of the log's last line
    open: view.dataset.open === '1',
    follow: false,
    unseen: 0,
    search: new URLSearchParams(location.search).get('q') ?? '',
    match: 0,
    loading: null,
    version: null,                        // ETag of the last poll's answer
  };

  const { fill, element, numberOf } = Lines;
  const lines = new Lines(log, `${page}?stream=${stream}`, words, numbers);
  const isAtEnd = () => lines.last() >= state.last;
  const isAtBottom = () => log.scrollTop + log.clientHeight >= log.scrollHeight - kBottomPixels;

  // ── requests ──
  async function ask(parameters, headers = {}) {
    const query = new URLSearchParams({ stream, ...parameters });
    taskqueue.freshness.asked();
    let status;
    try {
      const answer = await fetch(`${view.dataset.log}?${query}`, { headers, signal: AbortSignal.timeout(kPatienceMs) });
      status = answer.status;
      if (!answer.ok && status !== 304) throw new Error(`the log answered ${status}`);
      taskqueue.freshness.answered();
      return answer;
    } catch (trouble) {
      taskqueue.freshness.failed(status);
      throw trouble;
    }
  }

  const fetchLog = async (parameters) => (await ask(parameters)).json();

  // Returns the lines since the last poll, or null if there are none.
  async function fetchNews() {
    const answer = await ask({ after: state.cursor }, state.version ? { 'If-None-Match': state.version } : {});
    if (answer.status === 304) return null;
    state.version = answer.headers.get('ETag');
    return answer.json();
  }

  // Runs one request at a time. Others that are made meanwhile are dropped; the next scroll or poll makes them again.
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
    if (scrollTop + clientHeight > scrollHeight - kEdgePixels && lines.last() < state.last) {
      return exclusively(async () => {
        const answer = await fetchLog({ from: lines.last() + 1, ...found() });
        state.last = Math.max(state.last, answer.LastLine);
        lines.append(answer.Lines);
      });
    }
    if (scrollTop < kEdgePixels && lines.first() > 1) {
      const before = lines.first();
      return exclusively(async () => {
        const answer = await fetchLog({ from: Math.max(before - kWindowLines, 1), ...found() });
        const earlier = answer.Lines.filter((line) => line.Number < before);
        if (earlier.at(-1)?.Number === before - 1) lines.prepend(earlier);
        else lines.replace(answer.Lines);  // with very long lines, an answer has fewer lines than requested
      });
    }
    return undefined;
  }

  async function show(parameters, place) {
    await state.loading;
    await exclusively(async () => {
      const answer = await fetchLog({ ...parameters, ...found() });
      state.last = Math.max(state.last, answer.LastLine);
      lines.replace(answer.Lines);
      place(answer);
    });
    showPlace();
  }

  const toFirst = () => show({ from: 1 }, () => { log.scrollTop = 0; });
  const toLast = () => show({ from: Math.max(state.last - kWindowLines + 1, 1) }, () => { log.scrollTop = log.scrollHeight; });

  // ── position in the log ──
  function showPlace() {
    const where = byId('log-where');
    byId('log-parts').hidden = lines.first() === 1 && isAtEnd();
    if (lines.isEmpty()) { where.textContent = ''; return; }
    byId('log-empty')?.remove();
    where.textContent = fill(words.where, numbers.format(lines.at(log.scrollTop)),
      numbers.format(lines.at(log.scrollTop + log.clientHeight - 2)), numbers.format(Math.max(state.last, lines.last())));
  }

  function scrollToLine(number) {
    lines.scrollTo(number);
    showPlace();
  }

  // ── marked lines: #L120 or #L120-L130 ──
  async function showHash() {
    const wanted = /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
    if (!wanted) return;
    const first = Number(wanted[1]);
    lines.mark(first, Number(wanted[2] ?? first));
    setFollow(false);
    const [from, to] = lines.marked;
    if (lines.row(from)) scrollToLine(from);
    else await show({ lines: `${from}-${to}` }, () => scrollToLine(from));
  }

  log.addEventListener('click', (event) => {
    const number = event.target.closest('.number');
    if (!number || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    const clicked = numberOf(number.parentElement);
    lines.mark(event.shiftKey && lines.marked ? lines.marked[0] : clicked, clicked);
    const [first, last] = lines.marked;
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
    const { Lines: came } = answer;
    const wasAtEnd = isAtEnd();
    const added = Math.max(answer.LastLine - state.last, 0);
    state.cursor = answer.Next;
    state.last = Math.max(state.last, answer.LastLine);
    if (came.length > 0) {
      const isNext = wasAtEnd && came[0].Number <= lines.last() + 1;
      const hasRoom = state.follow || lines.all().length + came.length <= Lines.kMax;
      if (isNext && hasRoom) lines.append(came);
      else if (state.follow) lines.replace(came);
    }
    if (state.follow) log.scrollTop = log.scrollHeight;
    else if (added > 0) state.unseen += added;
    showNews();
    showPlace();
  }

  function showProgress(answer) {
    if (!byId('run-progress')) return;
    byId('run-progress').value = answer.PercentsCompleted;
    byId('run-percents').textContent = `${answer.PercentsCompleted} %`;
    byId('run-note').textContent = answer.ProgressNote;
  }

  // This text is our server's own page, in which every value is escaped.
  const policy = window.trustedTypes
    ? trustedTypes.createPolicy('taskqueue-log', { createHTML: (html) => html })
    : { createHTML: (html) => html };

  // Updates the head of the page when the status changes. Otherwise only the facts are updated from time to time,
  // since the reader may have folded or selected something in the rest.
  let headShown = performance.now();
  async function showHead(status) {
    const isSame = byId('run').dataset.runStatus === status;
    if (isSame && performance.now() - headShown < kHeadMs) return;
    // With `status` in its address the answer cannot be an older cached one.
    const answer = await fetch(`${page}?${new URLSearchParams({ live: 1, status })}`);
    if (!answer.ok) throw new Error(`the page answered ${answer.status}`);
    headShown = performance.now();
    const now = new DOMParser().parseFromString(policy.createHTML(await answer.text()), 'text/html').getElementById('run');
    const part = isSame ? '.run-facts' : '#run';
    document.querySelector(part).replaceWith(document.adoptNode(isSame ? now.querySelector(part) : now));
    taskqueue.refreshed(byId('run'));
    if (!isSame) taskqueue.announce(byId('run').querySelector('.lead').textContent);
  }

  async function poll() {
    let wait = kPollMs;
    if (!document.hidden && !state.loading) {
      try {
        const answer = await fetchNews();
        if (answer) {
          take(answer);
          showProgress(answer);
        }
        await showHead(answer?.Status ?? byId('run').dataset.runStatus);
        if (answer && !answer.Open) {
          state.open = false;
          setFollow(false);
          byId('log-follow').hidden = true;
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
    // If localStorage is forbidden, the choice is not remembered.
    try { localStorage.setItem('taskqueue-log-wrap', on ? '1' : '0'); } catch { /* see above */ }
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
  if (state.follow || (isAtEnd() && lines.first() > 1)) log.scrollTop = log.scrollHeight;
  if (/^#L\d/.test(location.hash)) showHash();
  else if (log.querySelector('.marked')) scrollToLine(numberOf(log.querySelector('.marked')));
  else if (log.querySelector('mark')) scrollToLine(numberOf(log.querySelector('mark').closest('.row')));
  showPlace();
  if (state.open) setTimeout(poll, kPollMs);
})();
