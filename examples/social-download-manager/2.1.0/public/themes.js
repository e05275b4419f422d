import { api } from './api.js';
import { isSignedIn, savePreferences, session } from './session.js';

const listeners = [];
let themes = [];

/** The themes that the user may choose: `{ id, name, colors, isOwn }`; empty until they are loaded. */
export function allThemes() {
  return themes;
}

/** Calls `listener()` when the themes have changed. */
export function onThemes(listener) {
  listeners.push(listener);
}

/** Fetches them anew. Throws what `api` throws. */
export async function loadThemes() {
  const answer = await api.themes();
  adopt(isSignedIn() ? answer.themes : []);
}

export function forgetThemes() {
  adopt([]);
}

/** Keeps a new theme, or with an id the changes of one. Throws what `api` throws. */
export async function keepTheme({ id, name, colors }) {
  if (id === null) await api.addTheme({ name, colors });
  else await api.saveTheme(id, { name, colors });
  await loadThemes();
}

/** Deletes a theme of one's own; if it was the active one, the page goes back to light or dark. */
export async function deleteTheme(id) {
  await api.removeTheme(id);
  if (session().preferences.themeId === id) await savePreferences({ themeId: null });
  await loadThemes();
}

function adopt(next) {
  themes = next;
  for (const listener of listeners) listener();
}
