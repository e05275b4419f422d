import { api, Refusal, Unreachable } from './api.js';
import { componentsOf, keepState, onComponents, stateOf } from './components.js';
import { arrange, byId, on, showProblem } from './elements.js';
import { numberOf } from './formats.js';
import { historyRow } from './history-row.js';
import { isSignedIn, onSession, session } from './session.js';
import { onLanguage, words } from './words.js';

const typingPauseMs = 250;

const rows = new Map();
let page = { total: 0, downloads: [] };
let offset = 0;
let asked = 0;
let typing = 0;
let shownFor = '';
let changed = () => undefined;

/** The list of all downloads. Calls `onChanged()` when a row's download was set going, stopped or renamed. */
export function startHistory(onChanged) {
  changed = onChanged;
  const form = byId('history-form');
  on(form, 'submit', (event) => event.preventDefault());
  on(form.elements.search, 'input', () => {
    clearTimeout(typing);
    typing = setTimeout(fromTheStart, typingPauseMs);
  });
  on(form.elements.status, 'change', keepView);
  on(form.elements.sort, 'change', keepView);
  on(byId('page-before'), 'click', () => turn(-1));
  on(byId('page-after'), 'click', () => turn(1));
  onSession(follow);
  onComponents(follow);
  onLanguage(show);
}

/** Fetches the shown page anew; an answer that a newer question has overtaken is dropped. */
export async function refreshHistory() {
  if (!isSignedIn() || componentsOf() === null) return;
  asked += 1;
  const question = asked;
  try {
    const answer = await api.history(query());
    if (question !== asked) return;
    page = answer;
    byId('history-problems').replaceChildren();
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unreachable)) throw error;
    if (question === asked && error.status !== 401) showProblem(byId('history-problems'), error);
    return;
  }
  if (page.downloads.length === 0 && offset > 0) {
    offset = Math.max(0, offset - rowsPerPage());
    await refreshHistory();
    return;
  }
  show();
}

function query() {
  const { search, status, sort } = byId('history-form').elements;
  const asks = { sort: sort.value, limit: rowsPerPage(), offset };
  if (search.value.trim() !== '') asks.search = search.value.trim();
  if (status.value !== '') asks.status = status.value;
  return asks;
}

function rowsPerPage() {
  return session().preferences.ui.rowsPerPage;
}

async function fromTheStart() {
  offset = 0;
  await refreshHistory();
}

async function turn(direction) {
  offset = Math.max(0, offset + direction * rowsPerPage());
  await refreshHistory();
  byId('history-title').scrollIntoView({ block: 'start' });
}

/** Order and status are kept for the next visit. */
async function keepView() {
  const { status, sort } = byId('history-form').elements;
  keepState('history', { status: status.value, sort: sort.value });
  await fromTheStart();
}

/** Another user, or another number of rows on a page, begins the list anew: once it is known what was kept. */
function follow() {
  if (session() === null) return;
  const { user, preferences } = session();
  const isKnown = user !== null && user.id === componentsOf();
  const key = isKnown ? `${user.id} ${preferences.ui.rowsPerPage}` : '';
  if (user !== null) byId('history').classList.toggle('compact', preferences.ui.compact);
  if (key === shownFor) return;
  shownFor = key;
  rows.clear();
  page = { total: 0, downloads: [] };
  byId('history').replaceChildren();
  if (!isKnown) return;
  const { status, sort } = stateOf('history');
  const form = byId('history-form').elements;
  useChoice(form.status, [status, '']);
  useChoice(form.sort, [sort, preferences.ui.sort]);
  void fromTheStart();
}

/** The first of the wishes that can be chosen. */
function useChoice(select, wishes) {
  const offered = new Set(Array.from(select.options, ({ value }) => value));
  select.value = wishes.find((wish) => offered.has(wish)) ?? select.options[0].value;
}

/** Pinned rows come first on the page that is shown. */
function show() {
  const shown = new Set(page.downloads.map(({ id }) => id));
  for (const id of rows.keys()) if (!shown.has(id)) rows.delete(id);
  const pinnedFirst = page.downloads.toSorted((a, b) => isPinned(b) - isPinned(a));
  arrange(
    byId('history'),
    pinnedFirst.map((download) => {
      const row = rows.get(download.id) ?? historyRow({ refresh: refreshHistory, changed });
      rows.set(download.id, row);
      row.update(download);
      return row.element;
    }),
  );
  showEmpty();
  showPaging();
}

function isPinned({ uiState }) {
  return uiState?.pinned === true ? 1 : 0;
}

function showEmpty() {
  const { search, status } = byId('history-form').elements;
  const isFiltered = search.value.trim() !== '' || status.value !== '';
  byId('history-empty').hidden = page.total > 0;
  byId('history-empty').textContent = words(isFiltered ? 'history.none' : 'history.empty');
}

function showPaging() {
  const from = page.total === 0 ? 0 : offset + 1;
  const to = offset + page.downloads.length;
  byId('paging').hidden = page.total === 0;
  const isWhole = offset === 0 && to >= page.total;
  byId('page-before').hidden = isWhole;
  byId('page-after').hidden = isWhole;
  byId('page-before').disabled = offset === 0;
  byId('page-after').disabled = to >= page.total;
  byId('page-place').textContent = words('paging.place', {
    from: numberOf(from),
    to: numberOf(to),
    total: numberOf(page.total),
  });
}
