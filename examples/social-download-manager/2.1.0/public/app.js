import { startAdding } from './adding.js';
import { startAdministration } from './administration.js';
import { startAnnounced } from './announced.js';
import { onReachable, onSignedOut, Refusal, Unreachable } from './api.js';
import { startAppearance } from './appearance.js';
import { startArranging } from './arranging.js';
import { startBars } from './bars.js';
import { startComponents } from './components.js';
import { startDeleting } from './deleting.js';
import { byId, on, showProblem } from './elements.js';
import { startHistory, refreshHistory } from './history.js';
import { offerQualities } from './names.js';
import { startPreferences } from './preferences.js';
import { refreshQueue, startQueue } from './queue.js';
import { forgetUser, onSession, refreshSession, session } from './session.js';
import { startSignIn } from './sign-in.js';
import { refreshTotals, startStatistics } from './statistics.js';
import { loadGallery, startGallery } from './theme-gallery.js';
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
  startAppearance();
  startArranging();
  startAdding(refreshQueue);
  startHistory(refreshQueue);
  startStatistics();
  startAnnounced();
  startGallery();
  startPreferences();
  loadAdministration = startAdministration();
  startDeleting();
  startComponents();
  onSession(showView);
  onLanguage(nameView);
  onSignedOut(forgetUser);
  onReachable((isNow) => {
    if (isNow) void returnToServer();
  });
  on(window, 'hashchange', showView);
  on(document, 'visibilitychange', () => {
    if (!document.hidden) void lookAtSession();
  });
  startQueue({ onChanged: showChanges, onLost: lookAtSession });
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
  await showChanges();
}

async function showChanges() {
  refreshTotals();
  await refreshHistory();
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
  document.documentElement.classList.toggle('signed-in', user !== null);
  localStorage.setItem('sdm.signed-in', user === null ? 'no' : 'yes');
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
  if (view === 'preferences') void loadGallery();
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
