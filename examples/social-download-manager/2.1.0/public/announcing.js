import { api } from './api.js';
import { arrange, attempt, byId, make, on } from './elements.js';
import { choice, field, formEnd } from './fields.js';
import { momentOf } from './formats.js';
import { onSession, refreshSession, session } from './session.js';
import { onLanguage, words } from './words.js';

const hourMs = 3_600_000;
const durations = [
  ['', 'announcing.until-removed'],
  ['1', 'announcing.hour'],
  ['24', 'announcing.day'],
  ['168', 'announcing.week'],
];
const levels = ['info', 'warning', 'critical'].map((level) => [level, `level.${level}`]);

/** Announcements that everybody sees above the page. Returns `load()`. */
export function startAnnouncing() {
  const place = byId('announcing');
  const form = make(
    'form',
    { class: 'stack columns' },
    field(
      'announcing.message',
      make('input', { name: 'message', required: true, maxlength: '500' }),
    ),
    field('announcing.level', choice('level', levels)),
    field('announcing.for', choice('hours', durations)),
    ...formEnd('announcing.do'),
  );
  const list = make('ul', { class: 'announced' });
  place.append(
    make('h2', { id: 'announcing-title', 'data-words': 'announcing.title' }),
    list,
    form,
  );
  const problems = form.querySelector('.problems');
  const done = form.querySelector('.done');
  on(form, 'submit', async (event) => {
    event.preventDefault();
    const wentWell = await attempt(form, problems, () => api.announce(announcementOf(form)));
    if (!wentWell) return;
    form.reset();
    await refreshSession();
    done.textContent = words('announcing.done');
  });
  const show = () => showList(list, problems);
  onSession(show);
  onLanguage(show);
  return refreshSession;
}

function announcementOf(form) {
  const { message, level, hours } = form.elements;
  const announcement = { message: message.value, level: level.value };
  if (hours.value === '') return announcement;
  return {
    ...announcement,
    expiresAt: new Date(Date.now() + Number(hours.value) * hourMs).toISOString(),
  };
}

function showList(list, problems) {
  if (session() === null) return;
  const items = session().announcements.map(({ id, message, level, createdAt }) => {
    const remove = make('button', {
      type: 'button',
      class: 'quiet',
      'data-words': 'announcing.remove',
    });
    on(remove, 'click', () =>
      attempt(remove, problems, async () => {
        await api.withdraw(id);
        await refreshSession();
      }),
    );
    const about = `${words(`level.${level}`)} · ${momentOf(createdAt)}`;
    return make(
      'li',
      {},
      make('span', {}, message),
      make('small', { class: 'muted' }, about),
      remove,
    );
  });
  arrange(list, items);
}
