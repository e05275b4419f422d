import { api, Refusal, Unreachable } from './api.js';
import { isOpen, onComponents } from './components.js';
import { byId, make, showProblem } from './elements.js';
import { measureOf, numberOf } from './formats.js';
import { shareBar, sparkline } from './graphs.js';
import { isSignedIn, onSession, session } from './session.js';
import { hasWords, onLanguage, words } from './words.js';

const statuses = ['completed', 'downloading', 'pending', 'failed', 'cancelled'];
const totalsPauseMs = 1_000;
/** How often the server measures, until it has said. */
const usualSampleMs = 60_000;
const shortestPauseMs = 2_000;

let metrics = [];
let totals = null;
let sampleMs = usualSampleMs;
let timer = 0;
let totalsTimer = 0;
let isShown = false;

/** The figures of the server and of the user's history; asked for only while they can be seen. */
export function startStatistics() {
  onSession(follow);
  onComponents(follow);
  onLanguage(show);
}

/** Counts the history anew, soon: many changes at once are counted once. */
export function refreshTotals() {
  if (!isShown || totalsTimer !== 0) return;
  totalsTimer = setTimeout(() => {
    totalsTimer = 0;
    void attemptTo(loadTotals);
  }, totalsPauseMs);
}

function follow() {
  const wasShown = isShown;
  isShown = isSignedIn() && isOpen('statistics');
  if (isShown === wasShown) return;
  clearTimeout(timer);
  if (!isShown) return;
  byId('performance').hidden = !session().features.performanceMetrics;
  void attemptTo(loadTotals);
  void lookAtPerformance();
}

async function lookAtPerformance() {
  if (!session().features.performanceMetrics) return;
  if (!document.hidden) await attemptTo(loadPerformance);
  clearTimeout(timer);
  if (isShown) timer = setTimeout(lookAtPerformance, Math.max(sampleMs, shortestPauseMs));
}

async function attemptTo(load) {
  try {
    await load();
    byId('statistics-problems').replaceChildren();
    show();
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unreachable)) throw error;
    if (error.status !== 401) showProblem(byId('statistics-problems'), error);
  }
}

async function loadPerformance() {
  const answer = await api.performance();
  metrics = answer.metrics;
  sampleMs = answer.sampleSeconds * 1_000;
}

async function loadTotals() {
  const pages = await Promise.all(statuses.map((status) => api.history({ status, limit: 1 })));
  totals = pages.map(({ total }, at) => ({ status: statuses[at], count: total }));
}

function show() {
  byId('performance').replaceChildren(...metrics.filter(hasSamples).map(tile));
  if (totals === null) return;
  const whole = totals.reduce((sum, { count }) => sum + count, 0);
  byId('totals').replaceChildren(
    make(
      'p',
      { class: 'total' },
      make('strong', {}, numberOf(whole)),
      ` ${words('statistics.all')}`,
    ),
    shareBar(totals),
    make('ul', { class: 'shares' }, ...totals.filter(({ count }) => count > 0).map(shareItem)),
  );
}

function hasSamples({ samples }) {
  return samples.length > 0;
}

function shareItem({ status, count }) {
  return make(
    'li',
    {},
    make('span', { class: 'state', 'data-status': status }, words(`status.${status}`)),
    make('span', {}, numberOf(count)),
  );
}

/** A figure now, and its course as a line. */
function tile({ name, unit, samples }) {
  const values = samples.map(({ value }) => value);
  const key = `metric.${name}`;
  const title = hasWords(key) ? words(key) : name;
  const [low, high] = [Math.min(...values), Math.max(...values)].map((one) => measureOf(one, unit));
  return make(
    'div',
    { class: 'tile', 'data-metric': name },
    make('dt', {}, title),
    make(
      'dd',
      {},
      make('span', {}, measureOf(values.at(-1), unit)),
      sparkline(values, words('statistics.course', { title, low, high })),
    ),
  );
}
