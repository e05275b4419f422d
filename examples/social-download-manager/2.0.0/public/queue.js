import { api, Refusal, Unreachable } from './api.js';
import { saveLink, stateButtons } from './actions.js';
import { announce, arrange, byId, make, setText, showProblem } from './elements.js';
import { lengthOf, percentOf, sizeOf, speedOf } from './formats.js';
import { nameOfFailure } from './names.js';
import { isSignedIn, onSession } from './session.js';
import { onLanguage, words } from './words.js';

const whileBusyMs = 500;
const whileIdleMs = 5_000;
const whileUnreachableMs = 2_000;

const rows = new Map();
const told = new Map();
let downloads = [];
let statesBefore = '';
let endPause = () => undefined;

/** Follows the downloads that are under way. Calls `changed()` when one began, ended or was renamed. */
export async function startQueue(changed) {
  onSession(() => {
    if (!isSignedIn()) clear();
  });
  onLanguage(show);
  for (;;) await pause(isSignedIn() ? await look(changed) : whileIdleMs);
}

/** Looks now, without waiting for the next time. */
export function hurryQueue() {
  endPause();
}

/** Returns how long to wait before the next look. */
async function look(changed) {
  try {
    ({ downloads } = await api.active());
    byId('queue-problems').replaceChildren();
  } catch (error) {
    if (error instanceof Unreachable) return whileUnreachableMs;
    if (!(error instanceof Refusal)) throw error;
    if (error.status !== 401) showProblem(byId('queue-problems'), error);
    return whileIdleMs;
  }
  show();
  tell();
  const states = downloads.map(({ id, status, title }) => `${id} ${status} ${title}`).join('\n');
  if (states !== statesBefore) changed();
  statesBefore = states;
  return downloads.some(isUnderWay) ? whileBusyMs : whileIdleMs;
}

function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    endPause = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function clear() {
  downloads = [];
  statesBefore = '';
  told.clear();
  show();
}

function isUnderWay({ status }) {
  return status === 'queued' || status === 'running';
}

function show() {
  byId('queue-empty').hidden = downloads.length > 0;
  const shown = new Set(downloads.map(({ id }) => id));
  for (const id of rows.keys()) if (!shown.has(id)) rows.delete(id);
  arrange(
    byId('queue'),
    downloads.map((download) => {
      const row = rows.get(download.id) ?? newRow(download.id);
      update(row, download);
      return row.element;
    }),
  );
}

function newRow(id) {
  const title = make('h3', { id: `queue-${id}` });
  const row = {
    title,
    state: make('span', { class: 'state' }),
    bar: make('progress', { max: '1', 'aria-labelledby': `queue-${id}` }),
    figures: make('span', { class: 'figures' }),
    percent: make('span', { class: 'percent' }),
    buttons: make('span', { class: 'buttons' }),
    problems: make('div', { class: 'problems' }),
    buttonsFor: '',
  };
  const under = make('p', { class: 'under' }, row.state, row.figures, row.percent);
  row.element = make('li', {}, title, row.buttons, row.bar, under, row.problems);
  rows.set(id, row);
  return row;
}

function update(row, download) {
  setText(row.title, download.title || download.url);
  setText(row.state, words(`status.${download.status}`));
  row.state.dataset.status = download.status;
  setText(row.figures, figuresOf(download));
  showBar(row, download);
  const buttonsFor = `${download.status} ${document.documentElement.lang}`;
  if (buttonsFor === row.buttonsFor) return;
  row.buttonsFor = buttonsFor;
  const save = saveLink(download);
  const hadFocus = row.buttons.contains(document.activeElement);
  row.buttons.replaceChildren(
    ...stateButtons(download, row.problems, hurryQueue),
    ...(save ? [save] : []),
  );
  if (hadFocus) row.buttons.firstElementChild?.focus();
}

/** Without a size there is no share to show: the bar then only says that something moves. */
function showBar({ bar, percent }, { status, receivedBytes, sizeBytes }) {
  bar.dataset.status = status;
  if (status === 'running' && sizeBytes === null) {
    bar.removeAttribute('value');
    setText(percent, '');
    return;
  }
  bar.value = status === 'done' ? 1 : sizeBytes ? receivedBytes / sizeBytes : 0;
  setText(
    percent,
    status === 'done' ? percentOf(1, 1) : percentOf(receivedBytes, sizeBytes ?? Infinity),
  );
}

function figuresOf(download) {
  const { status, receivedBytes, sizeBytes, bytesPerSecond } = download;
  if (status === 'failed') return nameOfFailure(download);
  if (status === 'queued' && receivedBytes === 0) return '';
  const received = sizeOf(receivedBytes);
  if (status === 'done') return sizeOf(sizeBytes ?? receivedBytes);
  const parts = [
    sizeBytes === null ? received : words('progress.of', { received, size: sizeOf(sizeBytes) }),
  ];
  if (status === 'running' && bytesPerSecond > 0) {
    parts.push(speedOf(bytesPerSecond));
    if (sizeBytes !== null) {
      parts.push(
        words('progress.left', { time: lengthOf((sizeBytes - receivedBytes) / bytesPerSecond) }),
      );
    }
  }
  return parts.join(' · ');
}

/** Says each quarter and each end once, so that a screen reader is not talking all the time. */
function tell() {
  for (const download of downloads) {
    const { id, status, title, receivedBytes, sizeBytes } = download;
    const quarter = sizeBytes ? Math.floor((receivedBytes / sizeBytes) * 4) : 0;
    const now = status === 'running' ? `running ${quarter}` : status;
    const before = told.get(id);
    told.set(id, now);
    if (before === undefined || before === now || status === 'queued') continue;
    const state = words(`status.${status}`);
    const share = status === 'running' ? ` ${percentOf(quarter, 4)}` : '';
    announce(`${title}: ${state}${share}`);
  }
}
