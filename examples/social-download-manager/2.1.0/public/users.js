import { api } from './api.js';
import { attempt, byId, make, on } from './elements.js';
import { choice, field, formEnd } from './fields.js';
import { dayOf } from './formats.js';
import { onLanguage, words } from './words.js';

let users = [];

/** Who may use the application. Returns `load()`. */
export function startUsers() {
  const place = byId('users');
  const list = make('tbody');
  const head = ['account.name', 'users.role', 'users.since'].map((key) =>
    make('th', { scope: 'col', 'data-words': key }),
  );
  const form = addForm();
  place.append(
    make('h2', { id: 'users-title', 'data-words': 'users.title' }),
    make('table', {}, make('thead', {}, make('tr', {}, ...head)), list),
    make('h3', { 'data-words': 'users.add' }),
    form,
  );
  const problems = form.querySelector('.problems');
  const done = form.querySelector('.done');
  const show = () => list.replaceChildren(...users.map(userLine));
  const load = () =>
    attempt(place, problems, async () => {
      ({ users } = await api.users());
      show();
    });
  on(form, 'input', () => done.replaceChildren());
  on(form, 'submit', async (event) => {
    event.preventDefault();
    const user = Object.fromEntries(new FormData(form));
    const wentWell = await attempt(form, problems, () => api.addUser(user));
    if (!wentWell) return;
    form.reset();
    await load();
    done.textContent = words('users.added', { name: user.name });
  });
  onLanguage(show);
  return load;
}

function addForm() {
  const password = {
    name: 'password',
    type: 'password',
    autocomplete: 'new-password',
    minlength: '8',
    maxlength: '128',
    required: true,
  };
  const roles = [
    ['member', 'role.member'],
    ['admin', 'role.admin'],
  ];
  return make(
    'form',
    { class: 'stack columns' },
    field(
      'account.name',
      make('input', { name: 'name', autocomplete: 'off', autocapitalize: 'none', required: true }),
    ),
    field('account.password', make('input', password), 'account.password.rule'),
    field('users.role', choice('role', roles)),
    ...formEnd('users.add.do'),
  );
}

function userLine({ name, role, createdAt }) {
  return make(
    'tr',
    {},
    make('td', {}, name),
    make('td', { 'data-words': `role.${role}` }),
    make('td', {}, dayOf(createdAt)),
  );
}
