/** The server gave no answer: it is stopped, or the network is gone. */
export class Unreachable extends Error {
  name = 'Unreachable';
}

/** The server answered no. `code` is for programs; `message` and `hint` are for people. */
export class Refusal extends Error {
  name = 'Refusal';

  constructor(status, { code, message, hint }) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint ?? '';
  }
}

/** All that the page asks of the server. Each call may throw `Unreachable` or `Refusal`. */
export const api = {
  session: () => request('GET', '/api/session'),
  setUp: (account) => request('POST', '/api/setup', account),
  logIn: (account) => request('POST', '/api/login', account),
  logOut: () => request('POST', '/api/logout', {}),

  history: (query) => request('GET', `/api/downloads?${new URLSearchParams(query)}`),
  active: () => request('GET', '/api/downloads/active'),
  add: (order) => request('POST', '/api/downloads', order),
  change: (id, change) => request('PATCH', `/api/downloads/${id}`, change),
  cancel: (id) => request('POST', `/api/downloads/${id}/cancel`, {}),
  resume: (id) => request('POST', `/api/downloads/${id}/resume`, {}),
  retry: (id) => request('POST', `/api/downloads/${id}/retry`, {}),
  remove: (id, withFile) =>
    request('DELETE', `/api/downloads/${id}${withFile ? '?file=true' : ''}`, {}),
  fileAddress: (id) => `/api/downloads/${id}/file`,

  savePreferences: (change) => request('PUT', '/api/preferences', change),
  settings: () => request('GET', '/api/settings'),
  saveSettings: (change) => request('PUT', '/api/settings', change),
  platforms: () => request('GET', '/api/platforms'),
  savePlatform: (name, change) => request('PUT', `/api/platforms/${name}`, change),
  users: () => request('GET', '/api/users'),
  addUser: (user) => request('POST', '/api/users', user),
  announce: (announcement) => request('POST', '/api/announcements', announcement),
  withdraw: (id) => request('DELETE', `/api/announcements/${id}`, {}),
};

/** Calls `listener(isReachable)` whenever the server is lost or found again. */
export function onReachable(listener) {
  reachableListeners.push(listener);
}

/** Calls `listener()` whenever the server says that this browser is no longer signed in. */
export function onSignedOut(listener) {
  signedOutListeners.push(listener);
}

const answerWithinMs = 20_000;
const reachableListeners = [];
const signedOutListeners = [];
let isReachable = true;

async function request(method, path, body) {
  const response = await send(method, path, body);
  if (response.status === 204) return null;
  const answer = readJson(response);
  if (response.ok) return answer;
  if (response.status === 401 && answer.error.code !== 'login/wrong') {
    for (const listener of signedOutListeners) listener();
  }
  throw new Refusal(response.status, answer.error);
}

/** The answer, read to its end: a server that goes away in the middle of one has given none. */
async function send(method, path, body) {
  const options = { method, signal: AbortSignal.timeout(answerWithinMs) };
  if (body !== undefined) {
    options.headers = { 'content-type': 'application/json' };
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path, options);
    const text = await response.text();
    noteReachable(true);
    return { ok: response.ok, status: response.status, text };
  } catch (error) {
    noteReachable(false);
    throw new Unreachable('the server gave no answer', { cause: error });
  }
}

/** Something between the page and the server (a proxy, say) may answer in its place, and not in JSON. */
function readJson({ ok, status, text }) {
  try {
    const answer = JSON.parse(text);
    if (ok || typeof answer.error?.code === 'string') return answer;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { error: { code: 'answer/unreadable', message: `HTTP ${status}`, hint: '' } };
}

function noteReachable(isNow) {
  if (isNow === isReachable) return;
  isReachable = isNow;
  for (const listener of reachableListeners) listener(isNow);
}
