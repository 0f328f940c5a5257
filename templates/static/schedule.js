// Shows the next times of a schedule while its cron expression is typed. The server computes them, by the same code
// that fires schedules.
'use strict';

(() => {
  const form = document.querySelector('[data-schedule-form]');
  if (!form) return;
  const kPauseMs = 250;  // after the last key
  const cron = form.elements.CronExpression;
  const zone = form.elements.TimeZone;
  const list = document.getElementById('next-times');
  const zones = document.getElementById('zones');
  for (const name of Intl.supportedValuesOf?.('timeZone') ?? []) zones.append(new Option(name, name));
  if ('ownZone' in zone.dataset && zone.value === 'UTC') {
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'medium' });

  const element = (name, className, text) => {
    const one = document.createElement(name);
    if (className) one.className = className;
    one.textContent = text;
    return one;
  };
  const show = (answer) => {
    list.replaceChildren();
    cron.setCustomValidity(answer.Problem ?? '');
    if (answer.Problem) {
      list.append(element('p', 'field-error', answer.Problem));
      return;
    }
    const words = element('p', '', '');
    words.append(element('strong', '', answer.Words));
    const next = element('ol', 'next', '');
    for (const { Local, Instant } of answer.Next) {
      const one = element('li', '', Local + ' ');
      one.append(element('span', 'muted', clock.format(new Date(Instant * 1000))));
      next.append(one);
    }
    list.append(words, next);
  };

  let asked = 0;
  const ask = async () => {
    if (cron.value.trim() === '') return;
    const mine = ++asked;
    const query = new URLSearchParams({ cron: cron.value, zone: zone.value });
    try {
      const response = await fetch(document.body.dataset.base + 'schedules/preview?' + query);
      if (response.ok && mine === asked) show(await response.json());
    } catch { /* The form shows the times again when it is sent. */ }
  };
  let timer = null;
  form.addEventListener('input', (event) => {
    if (event.target !== cron && event.target !== zone) return;
    clearTimeout(timer);
    timer = setTimeout(ask, kPauseMs);
  });
  ask();
})();
