import { api } from './api.js';
import { attempt, icon, iconButton, make } from './elements.js';

/** What can be done with a download in each state, in the order of the buttons. */
const offered = {
  pending: ['cancel'],
  downloading: ['cancel'],
  failed: ['resume', 'retry'],
  cancelled: ['resume', 'retry'],
  completed: [],
};

const drawings = { cancel: 'stop', resume: 'resume', retry: 'retry' };

/**
 * The buttons that change a download's state. Problems are shown at `place`;
 * `changed()` is called when the server has done it.
 */
export function stateButtons(download, place, changed) {
  return offered[download.status].map((name) => {
    const button = iconButton(drawings[name], `action.${name}`, async () => {
      const wentWell = await attempt(button, place, () => api[name](download.id));
      if (wentWell) changed();
    });
    return button;
  });
}

/** A link that saves the finished file on the user's own machine; null while there is no file. */
export function saveLink(download) {
  if (download.status !== 'completed' || download.fileName === null) return null;
  const attributes = {
    class: 'icon-button',
    href: api.fileAddress(download.id),
    download: '',
    'data-words-label': 'action.save',
  };
  return make('a', attributes, icon('save'));
}
