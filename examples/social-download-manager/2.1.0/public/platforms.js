import { api } from './api.js';
import { attempt, byId, make } from './elements.js';
import { field } from './fields.js';
import { nameOfPlatform } from './names.js';
import { onLanguage, words } from './words.js';

let platforms = [];

/** Where links may come from: on or off, whether it can be used now, and its sign-in. Returns `load()`. */
export function startPlatforms() {
  const place = byId('platforms');
  const problems = make('div', { class: 'problems' });
  const list = make('ul', { class: 'platforms' });
  place.append(
    make('h2', { id: 'platforms-title', 'data-words': 'platforms.title' }),
    make('p', { class: 'muted', 'data-words': 'platforms.lead' }),
    problems,
    list,
  );
  const load = () =>
    attempt(place, problems, async () => {
      ({ platforms } = await api.platforms());
      show();
    });
  const show = () =>
    list.replaceChildren(...platforms.map((platform) => platformItem(platform, load)));
  onLanguage(show);
  return load;
}

function platformItem(platform, load) {
  const { status } = platform.check;
  const problems = make('div', { class: 'problems' });
  const save = (change) =>
    attempt(item, problems, async () => {
      await api.savePlatform(platform.platform, change);
      await load();
      byId(`platform-${platform.platform}`)?.focus();
    });
  const isEnabled = make('input', {
    type: 'checkbox',
    id: `platform-${platform.platform}`,
    change: () => save({ isEnabled: isEnabled.checked }),
  });
  isEnabled.checked = platform.isEnabled;
  const name = make('span', { class: 'platform-name' }, nameOfPlatform(platform.platform));
  const item = make(
    'li',
    {},
    make('label', { class: 'check' }, isEnabled, name),
    make('span', { class: 'state', 'data-status': status }, words(`platforms.${status}`)),
    make('p', { class: 'muted platform-detail' }, whereAndHow(platform)),
    ...(platform.platform === 'direct' ? [] : [signIn(platform, save)]),
    problems,
  );
  return item;
}

/** Where it is reached and through what; of links that carry their own host, only what is wrong. */
function whereAndHow({ endpoint, check }) {
  if (endpoint !== '') return `${endpoint} · ${check.detail}`;
  return check.status === 'ok' ? '' : check.detail;
}

/** The platform's own sign-in. What is kept is never sent back, so the fields start empty. */
function signIn({ hasAuth }, save) {
  const plain = { required: true, autocomplete: 'off', autocapitalize: 'none' };
  const form = make(
    'form',
    {
      class: 'auth',
      submit: (event) => {
        event.preventDefault();
        void save({ auth: Object.fromEntries(new FormData(form)) });
      },
    },
    field('account.name', make('input', { name: 'username', ...plain })),
    field(
      'account.password',
      make('input', { name: 'password', type: 'password', ...plain, autocomplete: 'new-password' }),
    ),
    make('button', { 'data-words': 'platforms.auth.keep' }),
    ...(hasAuth
      ? [
          make('button', {
            type: 'button',
            class: 'quiet',
            'data-words': 'platforms.auth.forget',
            click: () => save({ auth: null }),
          }),
        ]
      : []),
  );
  const title = hasAuth ? 'platforms.auth.kept' : 'platforms.auth.none';
  return make('details', {}, make('summary', { 'data-words': title }), form);
}
