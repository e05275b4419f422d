import { startAnnouncing } from './announcing.js';
import { startPlatforms } from './platforms.js';
import { startSettings } from './settings.js';
import { startUsers } from './users.js';

/** What an administrator sees. Returns `load()`, which fetches all of it anew when the view is opened. */
export function startAdministration() {
  const parts = [startSettings(), startPlatforms(), startUsers(), startAnnouncing()];
  return () => Promise.all(parts.map((load) => load()));
}
