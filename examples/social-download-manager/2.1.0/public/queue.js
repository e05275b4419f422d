import { api, onReachable, Refusal, Unreachable } from './api.js';
import { announce, arrange, byId, on, showProblem } from './elements.js';
import { percentOf } from './formats.js';
import { queueRow } from './queue-row.js';
import { isSignedIn, onSession, session } from './session.js';
import { progressStream } from './stream.js';
import { onLanguage, words } from './words.js';

/** Downloads that have ended leave the server's answer after a while, and one that stands still sends no figures. */
const lookAgainAfterMs = 5_000;

const rows = new Map();
const told = new Map();
const heardAt = new Map();
let downloads = [];
let statesBefore = '';
let changed = () => undefined;
let isAsking = false;
let isStale = false;
let timer = 0;

/**
 * Follows the downloads that are under way. Calls `onChanged()` when one began, ended or was renamed,
 * and `onLost()` when the server's stream broke off.
 */
export function startQueue({ onChanged, onLost }) {
  changed = onChanged;
  const stream = progressStream({
    opened: refreshQueue,
    progress: useFigures,
    removed() {
      void refreshQueue();
      changed();
    },
    lost: onLost,
  });
  // Out of sight there is nothing to follow; and a browser keeps only a few streams open at once.
  const follow = () => stream.follow(document.hidden || !isSignedIn() ? 'none' : mode());
  onSession(() => {
    if (!isSignedIn()) clear();
    follow();
  });
  on(document, 'visibilitychange', follow);
  onReachable((isNow) => {
    if (isNow) stream.restart();
  });
  onLanguage(show);
}

function mode() {
  return session().features.progressStream ? 'stream' : 'poll';
}

/** Asks what is under way. Asked for again meanwhile, it asks once more. */
export async function refreshQueue() {
  isStale = true;
  if (isAsking) return;
  isAsking = true;
  try {
    while (isStale && isSignedIn()) {
      isStale = false;
      await look();
    }
  } finally {
    isAsking = false;
  }
}

async function look() {
  try {
    const answer = await api.active();
    if (isSignedIn()) adopt(answer.downloads);
    byId('queue-problems').replaceChildren();
  } catch (error) {
    if (error instanceof Unreachable) return;
    if (!(error instanceof Refusal)) throw error;
    if (error.status !== 401) showProblem(byId('queue-problems'), error);
  }
}

function adopt(next) {
  downloads = next;
  show();
  tell();
  const states = downloads.map(({ id, status, title }) => `${id} ${status} ${title}`).join('\n');
  if (states !== statesBefore) changed();
  statesBefore = states;
  for (const { id } of downloads) heardAt.set(id, Date.now());
  watch();
}

/** Asks anew, after a while, for downloads that the stream says nothing of. */
function watch() {
  clearTimeout(timer);
  if (downloads.every(({ status }) => status === 'pending')) return;
  timer = setTimeout(() => {
    const since = Date.now() - lookAgainAfterMs;
    if (downloads.some(({ id }) => (heardAt.get(id) ?? 0) <= since)) void refreshQueue();
    else watch();
  }, lookAgainAfterMs);
}

/** The stream tells figures alone: for all else that may have changed with them, the server is asked. */
function useFigures(figures) {
  heardAt.set(figures.id, Date.now());
  const known = downloads.find(({ id }) => id === figures.id);
  const isSame =
    known !== undefined &&
    known.status === figures.status &&
    known.sizeBytes === figures.sizeBytes &&
    known.title !== known.url;
  if (known !== undefined && known.status === figures.status) {
    downloads = downloads.map((one) => (one === known ? { ...one, ...figures } : one));
    show();
    tell();
  }
  if (!isSame) void refreshQueue();
}

function clear() {
  clearTimeout(timer);
  downloads = [];
  statesBefore = '';
  told.clear();
  heardAt.clear();
  show();
}

function show() {
  byId('queue-empty').hidden = downloads.length > 0;
  const shown = new Set(downloads.map(({ id }) => id));
  for (const id of rows.keys()) if (!shown.has(id)) rows.delete(id);
  arrange(
    byId('queue'),
    downloads.map((download) => {
      const row = rows.get(download.id) ?? queueRow(download.id, refreshQueue);
      rows.set(download.id, row);
      row.update(download);
      return row.element;
    }),
  );
}

/** Says each quarter and each end once, so that a screen reader is not talking all the time. */
function tell() {
  for (const download of downloads) {
    const { id, status, title, receivedBytes, sizeBytes } = download;
    const quarter = sizeBytes ? Math.floor((receivedBytes / sizeBytes) * 4) : 0;
    const now = status === 'downloading' ? `downloading ${quarter}` : status;
    const before = told.get(id);
    told.set(id, now);
    if (before === undefined || before === now || status === 'pending') continue;
    const state = words(`status.${status}`);
    const share = status === 'downloading' ? ` ${percentOf(quarter, 4)}` : '';
    announce(`${title}: ${state}${share}`);
  }
}
