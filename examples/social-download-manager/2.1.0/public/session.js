import { api } from './api.js';

const listeners = [];
let current = null;

/** The newest answer of `GET /api/session`; null until the first one. */
export function session() {
  return current;
}

export function isSignedIn() {
  return current !== null && current.user !== null;
}

/** Calls `listener(session)` after each change of it. */
export function onSession(listener) {
  listeners.push(listener);
}

/** Asks the server anew who is signed in and what there is to tell them. Throws what `api` throws. */
export async function refreshSession() {
  adopt(await api.session());
}

/** The server has ended the session: what it said of the user no longer holds. */
export function forgetUser() {
  if (isSignedIn()) adopt({ ...current, user: null, preferences: null });
}

/** Saves some of the preferences, and uses what the server made of them. */
export async function savePreferences(change) {
  const preferences = await api.savePreferences(change);
  adopt({ ...current, preferences });
}

/** Theme and language: the user's own, or the sign-in page's. */
export function appearance() {
  return current.preferences ?? current.appearance;
}

function adopt(next) {
  current = next;
  for (const listener of listeners) listener(current);
}
