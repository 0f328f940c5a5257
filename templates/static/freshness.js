// Says when the data of a page is old: a bar at the top says since when, and the numbers are greyed. live.js and log.js
// report each request and its answer.
'use strict';

(() => {
  const bar = document.getElementById('stale');
  const { words, announce } = taskqueue;
  const kPatienceMs = 1000;  // the data is old when an answer takes longer
  const kUnavailable = 503;  // the program answers that the database is away
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'medium' });
  let answeredOn = Date.now();
  let timer = null;

  const show = (status) => {
    clearTimeout(timer);
    const text = (status === kUnavailable ? words.away : words.offline).replace('%1', clock.format(answeredOn));
    if (bar.textContent !== text) bar.textContent = text;
    bar.hidden = false;
    document.body.classList.add('is-stale');
  };

  taskqueue.freshness = {
    asked() {
      clearTimeout(timer);
      timer = setTimeout(show, kPatienceMs);
    },
    answered() {
      clearTimeout(timer);
      answeredOn = Date.now();
      if (bar.hidden) return;
      bar.hidden = true;
      document.body.classList.remove('is-stale');
      announce(words.online);
    },
    // `status` is that of the answer, or nothing if none came.
    failed(status) { show(status); },
  };
})();
