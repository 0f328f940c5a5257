// Shows the lines of a run's log in the document: makes them from the server's JSON, adds them at either end, and
// marks them. Text only ever becomes text nodes. log.js, which is loaded after this, does the rest.
'use strict';

window.TaskQueueLogLines = class {
  static kMax = 2000;  // most lines in the document

  // `address` is the link of a line's number, without the line. `words` are the page's translated texts.
  constructor(log, address, words, numbers) {
    this.log = log;
    this.address = address;
    this.words = words;
    this.numbers = numbers;
    this.marked = null;  // [first, last], or null
  }

  static numberOf(row) {
    return row?.id ? Number(row.id.slice(1)) : 0;
  }

  static element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  static fill(text, ...values) {
    return text.replace(/%(\d)/g, (_, place) => values[place - 1]);
  }

  all() { return this.log.querySelectorAll('.row[id]'); }
  isEmpty() { return !this.log.querySelector('.row[id]'); }
  first() { return this.constructor.numberOf(this.log.querySelector('.row[id]')) || 1; }
  last() { return this.constructor.numberOf(this.log.querySelector('.row[id]:last-child')); }
  row(number) { return document.getElementById(`L${number}`); }

  // ── making lines ──
  made(lines) {
    const fragment = document.createDocumentFragment();
    for (const line of lines) {
      if (line.Dropped) fragment.append(this.gap(line.Dropped));
      fragment.append(this.line(line));
    }
    return fragment;
  }

  gap(bytes) {
    const { element, fill } = this.constructor;
    const gap = element('div', 'row');
    gap.append(element('span', 'gap', fill(this.words.dropped, this.numbers.format(bytes))));
    return gap;
  }

  line({ Number: at, Spans: spans, Hidden: hidden }) {
    const { element, fill } = this.constructor;
    const row = element('div', this.isMarked(at) ? 'row marked' : 'row');
    row.id = `L${at}`;
    const number = element('a', 'number', at);
    number.href = `${this.address}&lines=${at}#L${at}`;
    number.tabIndex = -1;
    const code = element('code');
    code.append(...spans.map((span) => this.span(span)));
    if (hidden) code.append(element('span', 'hidden-part', fill(this.words.hidden, this.numbers.format(hidden))));
    row.append(number, code);
    return row;
  }

  span([text, classes, found]) {
    const { element } = this.constructor;
    const span = classes ? element('span', classes, text) : document.createTextNode(text);
    if (!found) return span;
    const mark = element('mark');
    mark.append(span);
    return mark;
  }

  // ── adding lines ──
  append(lines) {
    for (const line of lines) this.row(line.Number)?.remove();  // a line that was incomplete before
    this.log.append(this.made(lines));
    this.trim(true);
  }

  prepend(lines) {
    const height = this.log.scrollHeight;
    this.log.prepend(this.made(lines));
    this.log.scrollTop += this.log.scrollHeight - height;
    this.trim(false);
  }

  replace(lines) {
    this.log.replaceChildren(this.made(lines));
  }

  // Removes lines to keep the document small. The remaining lines do not move on the screen.
  trim(fromTop) {
    const all = this.all();
    const surplus = all.length - this.constructor.kMax;
    if (surplus <= 0) return;
    const height = this.log.scrollHeight;
    if (fromTop) {
      const before = all[surplus].previousElementSibling;
      const first = before.id ? all[surplus] : before;  // a gap stays with the line after it
      while (this.log.firstElementChild !== first) this.log.firstElementChild.remove();
      this.log.scrollTop -= height - this.log.scrollHeight;
    } else {
      const last = all[this.constructor.kMax - 1];
      while (this.log.lastElementChild !== last) this.log.lastElementChild.remove();
    }
  }

  // ── marking and finding lines ──
  isMarked(number) {
    return this.marked !== null && number >= this.marked[0] && number <= this.marked[1];
  }

  mark(first, last) {
    this.marked = [Math.min(first, last), Math.max(first, last)];
    for (const row of this.all()) row.classList.toggle('marked', this.isMarked(this.constructor.numberOf(row)));
  }

  // Returns the number of the line at this many pixels from the top of the log's text.
  at(pixels) {
    const all = this.all();
    let low = 0;
    let high = all.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (all[middle].offsetTop - this.log.offsetTop <= pixels) low = middle;
      else high = middle - 1;
    }
    return this.constructor.numberOf(all[low]);
  }

  scrollTo(number) {
    const row = this.row(number);
    if (row) this.log.scrollTop = Math.max(row.offsetTop - this.log.offsetTop - this.log.clientHeight / 4, 0);
  }
};
