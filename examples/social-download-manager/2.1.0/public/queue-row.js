import { saveLink, stateButtons } from './actions.js';
import { make, setText } from './elements.js';
import { lengthOf, percentOf, sizeOf, speedOf } from './formats.js';
import { nameOfFailure } from './names.js';
import { words } from './words.js';

/**
 * One row of the queue. `changed()` says that the download was set going or stopped.
 * Returns its element and `update(download)`, which keeps the focus.
 */
export function queueRow(id, changed) {
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
    changed,
  };
  const under = make('p', { class: 'under' }, row.state, row.figures, row.percent);
  row.element = make('li', {}, title, row.buttons, row.bar, under, row.problems);
  return { element: row.element, update: (download) => update(row, download) };
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
    ...stateButtons(download, row.problems, row.changed),
    ...(save ? [save] : []),
  );
  if (hadFocus) row.buttons.firstElementChild?.focus();
}

/** Without a size there is no share to show: the bar then only says that something moves. */
function showBar({ bar, percent }, { status, receivedBytes, sizeBytes }) {
  bar.dataset.status = status;
  if (status === 'downloading' && sizeBytes === null) {
    bar.removeAttribute('value');
    setText(percent, '');
    return;
  }
  bar.value = status === 'completed' ? 1 : sizeBytes ? receivedBytes / sizeBytes : 0;
  setText(
    percent,
    status === 'completed' ? percentOf(1, 1) : percentOf(receivedBytes, sizeBytes ?? Infinity),
  );
}

function figuresOf(download) {
  const { status, receivedBytes, sizeBytes, bytesPerSecond } = download;
  if (status === 'failed') return nameOfFailure(download);
  if (status === 'pending' && receivedBytes === 0) return '';
  const received = sizeOf(receivedBytes);
  if (status === 'completed') return sizeOf(sizeBytes ?? receivedBytes);
  const parts = [
    sizeBytes === null ? received : words('progress.of', { received, size: sizeOf(sizeBytes) }),
  ];
  if (status === 'downloading' && bytesPerSecond > 0) {
    parts.push(speedOf(bytesPerSecond));
    if (sizeBytes !== null) {
      parts.push(
        words('progress.left', { time: lengthOf((sizeBytes - receivedBytes) / bytesPerSecond) }),
      );
    }
  }
  return parts.join(' · ');
}
