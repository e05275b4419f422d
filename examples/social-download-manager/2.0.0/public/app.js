import { startAdding } from './adding.js';
import { startAdministration } from './administration.js';
import { onReachable, onSignedOut, Refusal, Unreachable } from './api.js';
import { startBars } from './bars.js';
import { startDeleting } from './deleting.js';
import { byId, on, showProblem } from './elements.js';
import { startHistory, refreshHistory } from './history.js';
import { offerQualities } from './names.js';
import { startPreferences } from './preferences.js';
import { hurryQueue, startQueue } from './queue.js';
import {
  appearance,
  forgetUser,
  isSignedIn,
  onSession,
  refreshSession,
  savePreferences,
  session,
} from './session.js';
import { startSignIn } from './sign-in.js';
import { currentLanguage, loadWords, onLanguage, useLanguage, words } from './words.js';

const lookAtSessionEveryMs = 10_000;
const lookForServerEveryMs = 2_000;
const views = ['downloads', 'preferences', 'administration'];

let loadAdministration = () => Promise.resolve();
let shownView = '';

await start();

async function start() {
  await loadWords();
  useLanguage(currentLanguage());
  for (const select of document.querySelectorAll('[data-qualities]')) offerQualities(select);
  startBars();
  startSignIn();
  startAdding(hurryQueue);
  startHistory(hurryQueue);
  startPreferences();
  loadAdministration = startAdministration();
  startAppearance();
  startDeleting();
  onSession(showView);
  onLanguage(nameView);
  onSignedOut(forgetUser);
  onReachable((isNow) => {
    if (isNow) void returnToServer();
  });
  on(window, 'hashchange', showView);
  on(document, 'visibilitychange', () => {
    if (document.hidden) return;
    hurryQueue();
    void lookAtSession();
  });
  void startQueue(refreshHistory);
  await followSession();
}

/** Asks for the session at times, so that announcements and notices arrive, and a lost server is noticed. */
async function followSession() {
  for (;;) {
    const isHere = await lookAtSession();
    await new Promise((resolve) =>
      setTimeout(resolve, isHere ? lookAtSessionEveryMs : lookForServerEveryMs),
    );
  }
}

async function lookAtSession() {
  try {
    await refreshSession();
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return false;
    if (!(error instanceof Refusal)) throw error;
    showProblem(byId('notices'), error);
    return true;
  }
}

async function returnToServer() {
  await lookAtSession();
  hurryQueue();
  await refreshHistory();
}

/** Theme and language: the signed-in user's, else those of the last visit, else the sign-in page's. */
function startAppearance() {
  onSession(() => {
    const wanted = isSignedIn() || localStorage.getItem('sdm.theme') === null ? appearance() : null;
    if (wanted === null) return;
    if (wanted.theme !== document.documentElement.dataset.theme) useTheme(wanted.theme);
    if (wanted.language !== currentLanguage()) useLanguage(wanted.language);
    byId('language').value = currentLanguage();
  });
  byId('language').value = currentLanguage();
  on(byId('language'), 'change', () => choose({ language: byId('language').value }));
  on(byId('theme'), 'click', () => {
    void choose({ theme: document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark' });
  });
}

function useTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem('sdm.theme', theme);
}

/** Takes effect at once; whoever is signed in finds it again at the next sign-in, from any machine. */
async function choose({ theme, language }) {
  useTheme(theme ?? document.documentElement.dataset.theme);
  if (language !== undefined) useLanguage(language);
  if (!isSignedIn()) return;
  try {
    await savePreferences(theme === undefined ? { language } : { theme });
  } catch (error) {
    showProblem(byId('notices'), error);
  }
}

/** Shows the one view that the address and the session ask for. */
function showView() {
  if (session() === null) return;
  const { user, needsSetup, version } = session();
  const wanted = location.hash.replace('#/', '');
  const isAllowed =
    views.includes(wanted) && (wanted !== 'administration' || user?.role === 'admin');
  const view =
    user === null ? (needsSetup ? 'set-up' : 'sign-in') : isAllowed ? wanted : 'downloads';
  byId('navigation').hidden = user === null;
  byId('account').hidden = user === null;
  byId('to-administration').hidden = user?.role !== 'admin';
  byId('account-name').textContent = user?.name ?? '';
  byId('version').textContent = version;
  if (view !== shownView) openView(view);
}

function openView(view) {
  const isFirst = shownView === '';
  shownView = view;
  for (const name of [...views, 'sign-in', 'set-up']) byId(name).hidden = name !== view;
  for (const link of byId('navigation').querySelectorAll('a')) {
    if (link.hash === `#/${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  nameView();
  if (view === 'downloads') hurryQueue();
  if (view === 'administration') void loadAdministration();
  const form = byId(`${view}-form`);
  if (form !== null && view.startsWith('s')) form.elements.name.focus();
  else if (!isFirst) byId(`${view}-title`).focus();
}

/** The window's title. */
function nameView() {
  if (shownView === '') return;
  const key = views.includes(shownView) ? `nav.${shownView}` : `${shownView}.title`;
  document.title = `${words(key)} – Social Download Manager`;
}
