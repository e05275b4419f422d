import { arrange, byId, make, setText } from './elements.js';
import { momentOf } from './formats.js';
import { onSession, session } from './session.js';
import { onLanguage, words } from './words.js';

const items = new Map();

/** Every announcement there is, also those that were put away above the page. */
export function startAnnounced() {
  onSession(show);
  onLanguage(show);
}

function show() {
  if (session() === null) return;
  const { announcements, user } = session();
  for (const id of items.keys()) if (!announcements.some((one) => one.id === id)) items.delete(id);
  byId('announced-empty').hidden = announcements.length > 0;
  byId('announce-here').hidden = user?.role !== 'admin';
  arrange(
    byId('announced'),
    announcements.map((announcement) => {
      const item = items.get(announcement.id) ?? newItem(announcement);
      items.set(announcement.id, item);
      setText(
        item.about,
        `${words(`level.${announcement.level}`)} · ${momentOf(announcement.createdAt)}`,
      );
      return item.element;
    }),
  );
}

function newItem({ message, level }) {
  const about = make('small', { class: 'muted' });
  return { about, element: make('li', { class: level }, make('p', {}, message), about) };
}
