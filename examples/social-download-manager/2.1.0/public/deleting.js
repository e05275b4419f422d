import { api } from './api.js';
import { attempt, byId, on } from './elements.js';
import { words } from './words.js';

let asked = null;
let isDeleted = false;
let answer = () => undefined;

/** Makes the question ready; once, at the start of the page. */
export function startDeleting() {
  const dialog = byId('delete');
  on(byId('delete-no'), 'click', () => dialog.close());
  on(byId('delete-yes'), 'click', async () => {
    const { checked } = dialog.querySelector('input[name="file"]');
    const problems = dialog.querySelector('.problems');
    isDeleted = await attempt(dialog, problems, () => api.remove(asked.id, checked));
    if (isDeleted) dialog.close();
  });
  on(dialog, 'close', () => answer(isDeleted));
}

/**
 * Asks whether a download shall go, with or without its file, and has the server delete it.
 * Resolves to whether it is gone. While the server refuses, the question stays with the reason in it.
 */
export function askToDelete(download) {
  const dialog = byId('delete');
  asked = download;
  isDeleted = false;
  byId('delete-what').textContent = words('delete.what', { title: download.title || download.url });
  byId('delete-file').hidden = download.fileName === null;
  dialog.querySelector('input[name="file"]').checked = false;
  dialog.querySelector('.problems').replaceChildren();
  dialog.showModal();
  byId('delete-no').focus();
  return new Promise((resolve) => {
    answer = resolve;
  });
}
