import { onReachable } from './api.js';
import { arrange, byId, make } from './elements.js';
import { onSession, session } from './session.js';
import { hasWords, onLanguage, words } from './words.js';

const dismissed = new Set(JSON.parse(sessionStorage.getItem('sdm.dismissed') ?? '[]'));
let isReachable = true;
let firstVersion = null;

/** What stands above every view: a lost server, a newer one, its notices, and announcements. */
export function startBars() {
  onReachable((isNow) => {
    isReachable = isNow;
    showConnection();
  });
  onSession(showAll);
  onLanguage(showAll);
}

function showAll() {
  showConnection();
  if (session() === null) return;
  showUpdate();
  showNotices();
  showAnnouncements();
}

function showConnection() {
  byId('connection').replaceChildren(
    ...(isReachable
      ? []
      : [bar('critical', words('connection.lost'), words('connection.retrying'))]),
  );
}

/** This page belongs to one release: with another behind it, it must be loaded anew. */
function showUpdate() {
  const { version } = session();
  firstVersion ??= version;
  const reload = { type: 'button', 'data-words': 'update.reload', click: () => location.reload() };
  byId('update').replaceChildren(
    ...(version === firstVersion
      ? []
      : [bar('info', words('update.text', { version }), make('button', reload))]),
  );
}

function showNotices() {
  const said = session().notices.map(({ code, message }) => {
    const key = `notice.${code}`;
    return bar('warning', hasWords(key) ? words(key) : message, hasWords(key) ? message : '');
  });
  byId('notices').replaceChildren(...said);
}

/** Keeps the bars that are still announced, so that screen readers hear only what is new. */
function showAnnouncements() {
  const place = byId('announcements');
  const known = new Map([...place.children].map((child) => [child.dataset.id, child]));
  const wanted = session().announcements.filter(({ id }) => !dismissed.has(id));
  arrange(
    place,
    wanted.map((announcement) => {
      const shown = known.get(`${announcement.id}`) ?? announcementBar(announcement);
      shown.querySelector('button').title = words('announcement.dismiss');
      return shown;
    }),
  );
}

function announcementBar({ id, message, level }) {
  const dismiss = make('button', {
    type: 'button',
    class: 'quiet',
    'data-words': 'announcement.dismiss',
    click: () => {
      dismissed.add(id);
      sessionStorage.setItem('sdm.dismissed', JSON.stringify([...dismissed]));
      showAnnouncements();
    },
  });
  const shown = bar(level, message, dismiss);
  shown.dataset.id = id;
  return shown;
}

function bar(level, message, ...rest) {
  return make(
    'div',
    { class: `bar ${level}` },
    make('p', {}, make('strong', {}, message)),
    ...rest.map(inline),
  );
}

function inline(part) {
  return typeof part === 'string' ? make('span', { class: 'bar-detail' }, part) : part;
}
