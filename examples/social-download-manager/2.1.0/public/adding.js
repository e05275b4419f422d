import { api } from './api.js';
import { keepState, onComponents, stateOf } from './components.js';
import { announce, attempt, byId, explain, make, on } from './elements.js';
import { onSession, session } from './session.js';
import { counted, onLanguage } from './words.js';

let refused = [];

/** The form that takes links, one or many. Calls `added()` when the server has taken some. */
export function startAdding(added) {
  const form = byId('add-form');
  on(form.elements.links, 'input', showCount);
  on(form.elements.links, 'keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  on(form, 'submit', async (event) => {
    event.preventDefault();
    await attempt(form, form.querySelector('.problems'), () => send(form, added));
  });
  on(form.elements.audioOnly, 'change', ({ target }) =>
    keepState('add-links', { audioOnly: target.checked }),
  );
  onComponents(() => {
    form.elements.audioOnly.checked = stateOf('add-links').audioOnly === true;
  });
  onSession(useOwnQuality);
  onLanguage(() => {
    showCount();
    showRefused();
  });
}

/** Refused links stay in the field, so that they can be put right. */
async function send(form, added) {
  const links = linksIn(form.elements.links.value);
  if (links.length === 0) {
    form.elements.links.focus();
    return;
  }
  const answer = await api.add({
    links,
    quality: form.elements.quality.value,
    audioOnly: form.elements.audioOnly.checked,
    component: 'add-links',
  });
  refused = answer.refused;
  form.elements.links.value = refused.map(({ link }) => link).join('\n');
  showCount();
  showRefused();
  if (answer.accepted.length > 0) {
    announce(counted('add.accepted', answer.accepted.length));
    added();
  }
}

function linksIn(text) {
  return text.split(/\s+/).filter((part) => part !== '');
}

function showCount() {
  const { length } = linksIn(byId('add-form').elements.links.value);
  byId('link-count').textContent = length > 1 ? counted('add.count', length) : '';
}

function showRefused() {
  byId('refused').replaceChildren(
    ...(refused.length === 0
      ? []
      : [
          make('p', {}, make('strong', {}, counted('add.refused', refused.length))),
          make('ul', {}, ...refused.map(reasonItem)),
        ]),
  );
}

function reasonItem({ link, code, message }) {
  const reason = explain({ code, message, hint: '' });
  return make('li', {}, make('code', {}, link), make('span', {}, reason.message));
}

let ownQualityOf = null;

/** The user's own quality is chosen once for each sign-in, not over what they have chosen since. */
function useOwnQuality({ user, preferences }) {
  const key = user === null ? null : `${user.id} ${preferences.quality}`;
  if (key !== null && key !== ownQualityOf) {
    byId('add-form').elements.quality.value = session().preferences.quality;
  }
  ownQualityOf = key;
}
