import { saveLink, stateButtons } from './actions.js';
import { api } from './api.js';
import { askToDelete } from './deleting.js';
import { attempt, iconButton, make, setText } from './elements.js';
import { dayOf, lengthOf, momentOf, sizeOf } from './formats.js';
import { nameOfFailure, nameOfPlatform, nameOfQuality } from './names.js';
import { words } from './words.js';

/**
 * One row of the history. `refresh()` fetches the list anew; `changed()` says that a download was set going or stopped.
 * Returns its element and `update(download)`, which keeps the focus and a rename under way.
 */
export function historyRow({ refresh, changed }) {
  const row = {
    refresh,
    changed,
    download: null,
    expand: iconButton('chevron', 'history.details', () => keepState(row, 'expanded')),
    title: make('h3', {}),
    under: make('p', { class: 'under' }),
    error: make('p', { class: 'row-error' }),
    state: make('span', { class: 'state' }),
    size: make('span', { class: 'size' }),
    buttons: make('span', { class: 'buttons' }),
    problems: make('div', { class: 'problems' }),
    details: make('dl', { class: 'details' }),
  };
  row.text = make('div', { class: 'text' }, row.title, row.under, row.error);
  row.element = make(
    'li',
    {},
    row.expand,
    row.text,
    row.state,
    row.size,
    row.buttons,
    row.problems,
    row.details,
  );
  return { element: row.element, update: (download) => update(row, download) };
}

function update(row, download) {
  const signature = `${JSON.stringify(download)} ${document.documentElement.lang}`;
  if (signature === row.signature) return;
  row.signature = signature;
  row.download = download;
  const { pinned, expanded } = stateOf(download);
  row.element.id = `download-${download.id}`;
  row.element.classList.toggle('pinned', pinned);
  row.element.classList.toggle('expanded', expanded);
  row.title.id = `title-${download.id}`;
  row.element.setAttribute('aria-labelledby', row.title.id);
  row.expand.setAttribute('aria-expanded', `${expanded}`);
  setText(row.title, download.title || download.url);
  setText(row.under, underTitle(download));
  setText(row.error, download.status === 'failed' ? nameOfFailure(download) : '');
  setText(row.state, words(`status.${download.status}`));
  row.state.dataset.status = download.status;
  setText(row.size, download.sizeBytes === null ? '' : sizeOf(download.sizeBytes));
  showButtons(row);
  row.details.replaceChildren(...(expanded ? details(download) : []));
}

function stateOf({ uiState }) {
  return uiState ?? { pinned: false, expanded: false };
}

function underTitle(download) {
  const parts = [nameOfPlatform(download.platform), nameOfQuality(download)];
  if (download.uploader !== null) parts.splice(1, 0, download.uploader);
  return [...parts, dayOf(download.addedAt)].join(' · ');
}

/** The buttons are made anew, so the one that had the focus gets it back by its name. */
function showButtons(row) {
  const { download, problems, changed } = row;
  const focused = row.buttons.contains(document.activeElement) ? document.activeElement : null;
  const save = saveLink(download);
  const pin = iconButton('pin', 'action.pin', () => keepState(row, 'pinned'));
  pin.setAttribute('aria-pressed', `${stateOf(download).pinned}`);
  const isUnderWay = download.status === 'pending' || download.status === 'downloading';
  row.buttons.replaceChildren(
    ...stateButtons(download, problems, changed),
    ...(save ? [save] : []),
    pin,
    iconButton('pencil', 'action.rename', () => rename(row)),
    ...(isUnderWay ? [] : [iconButton('bin', 'action.delete', () => askDelete(row))]),
  );
  if (focused)
    row.buttons.querySelector(`[data-words-label="${focused.dataset.wordsLabel}"]`)?.focus();
}

async function askDelete(row) {
  const isDeleted = await askToDelete(row.download);
  if (!isDeleted) return;
  const neighbour = row.element.nextElementSibling ?? row.element.previousElementSibling;
  await row.refresh();
  row.changed();
  neighbour?.querySelector('button')?.focus();
}

async function keepState(row, name) {
  const { download, problems } = row;
  const before = stateOf(download);
  const uiState = { ...before, [name]: !before[name] };
  await attempt(row.buttons, problems, async () => {
    await api.change(download.id, { uiState });
    await row.refresh();
  });
}

/** Puts a field in the title's place: Enter keeps the new title, Escape the old one. */
function rename(row) {
  if (row.text.querySelector('form') !== null) return;
  const field = make('input', {
    name: 'title',
    required: true,
    maxlength: '300',
    'data-words-label': 'history.title.new',
  });
  const finish = () => {
    form.replaceWith(row.title);
    row.buttons.querySelector('[data-words-label="action.rename"]')?.focus();
  };
  const form = make(
    'form',
    {
      class: 'rename',
      submit: async (event) => {
        event.preventDefault();
        const wentWell = await attempt(form, row.problems, () =>
          api.change(row.download.id, { title: field.value }),
        );
        if (!wentWell) return;
        await row.refresh();
        row.changed();
        finish();
      },
      keydown: (event) => {
        if (event.key === 'Escape') finish();
      },
    },
    field,
    make('button', { class: 'primary', 'data-words': 'save' }),
    make('button', { type: 'button', 'data-words': 'cancel', click: finish }),
  );
  field.value = row.download.title;
  row.title.replaceWith(form);
  field.select();
}

function details(download) {
  const lines = [
    ['details.link', link(download.url)],
    ['details.file', download.fileName],
    ['details.uploader', download.uploader],
    [
      'details.length',
      download.durationSeconds === null ? null : lengthOf(download.durationSeconds),
    ],
    ['details.added', momentOf(download.addedAt)],
    ['details.finished', download.finishedAt === null ? null : momentOf(download.finishedAt)],
  ];
  return lines
    .filter(([, value]) => value !== null)
    .flatMap(([key, value]) => [make('dt', { 'data-words': key }), make('dd', {}, value)]);
}

/** Only http and https become links: an address of another kind is shown as text. */
function link(url) {
  if (!/^https?:\/\//i.test(url)) return url;
  return make('a', { href: url, rel: 'noreferrer noopener', target: '_blank' }, url);
}
