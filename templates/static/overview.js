// Draws the charts of the overview with Chart.js.
'use strict';

(() => {
  const place = document.getElementById('charts');
  if (!place || !window.Chart) return;
  const kEvery = 60000;  // ms; the statistics of a minute are computed once
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const language = document.documentElement.lang;
  const hours = place.dataset.source.endsWith('week') ? { month: 'short', day: 'numeric', hour: '2-digit' }
    : { hour: '2-digit', minute: '2-digit' };
  const clock = new Intl.DateTimeFormat(language, hours);
  Chart.defaults.color = colour('--text');
  Chart.defaults.borderColor = colour('--line');
  const options = (stacked) => ({
    animation: false, maintainAspectRatio: false, interaction: { mode: 'index', intersect: false },
    scales: { x: { stacked, ticks: { maxTicksLimit: 8, maxRotation: 0 } }, y: { stacked, beginAtZero: true, ticks: stacked ? { precision: 0 } : {} } },
  });
  const series = (label, colourName, line) => ({
    label, data: [], backgroundColor: colour(colourName), borderColor: colour(colourName), pointRadius: 0, borderWidth: line ? 2 : 0, categoryPercentage: 1,
  });
  place.hidden = false;
  const words = place.dataset;
  const runs = new Chart('chart-runs', { type: 'bar', options: options(true),
    data: { labels: [], datasets: [series(words.succeeded, '--good', false), series(words.failed, '--bad', false)] } });
  const times = new Chart('chart-times', { type: 'line', options: options(false),
    data: { labels: [], datasets: [series(words.wait, '--warn', true), series(words.run, '--busy', true)] } });
  times.data.datasets[0].borderDash = [6, 3];

  const show = async () => {
    if (!document.hidden) {
      const answer = await fetch(place.dataset.source).catch(() => null);
      if (answer?.ok) {
        const { Parts: parts } = await answer.json();
        const labels = parts.map((part) => clock.format(new Date(part.From * 1000)));
        const put = (chart, names) => {
          chart.data.labels = labels;
          names.forEach((name, i) => { chart.data.datasets[i].data = parts.map((part) => part[name]); });
          chart.update();
        };
        put(runs, ['Succeeded', 'Failed']);
        put(times, ['WaitSeconds', 'RunSeconds']);
      }
    }
    setTimeout(show, kEvery);
  };
  show();
})();
