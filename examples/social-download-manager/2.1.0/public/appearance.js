import { Refusal, Unreachable } from './api.js';
import { byId, on, showProblem } from './elements.js';
import { paletteOf } from './palette.js';
import { appearance, isSignedIn, onSession, savePreferences, session } from './session.js';
import { allThemes, forgetThemes, loadThemes, onThemes } from './themes.js';
import { currentLanguage, useLanguage } from './words.js';

let themesOf = null;

/** Colours and language: the signed-in user's, else those of the last visit, else the sign-in page's. */
export function startAppearance() {
  onSession(() => {
    follow();
    void followUser();
  });
  onThemes(follow);
  byId('language').value = currentLanguage();
  on(byId('language'), 'change', () => choose({ language: byId('language').value }));
  on(byId('theme'), 'click', () =>
    choose({
      theme: document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark',
      themeId: null,
    }),
  );
}

/** Takes effect at once; whoever is signed in finds it again at the next sign-in, from any machine. */
export async function choose({ language, ...look }) {
  if (language !== undefined) useLanguage(language);
  if (look.theme !== undefined) show(null, look.theme);
  if (!isSignedIn()) return;
  try {
    await savePreferences(language === undefined ? look : { language });
  } catch (error) {
    showProblem(byId('notices'), error);
  }
}

function follow() {
  const isNew = localStorage.getItem('sdm.theme') === null;
  if (session() === null || !(isSignedIn() || isNew)) return;
  const { theme, themeId = null, language } = appearance();
  const chosen = allThemes().find(({ id }) => id === themeId);
  // A theme that is not loaded yet: what was remembered stays until it is.
  if (themeId === null || chosen !== undefined) show(chosen ?? null, theme);
  if (language !== currentLanguage()) useLanguage(language);
  byId('language').value = currentLanguage();
}

async function followUser() {
  const userId = session().user?.id ?? null;
  if (userId === themesOf) return;
  themesOf = userId;
  if (userId === null) {
    forgetThemes();
    return;
  }
  try {
    await loadThemes();
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unreachable)) throw error;
    // The next look at the session tries again; until then the page keeps the colours it has.
    themesOf = null;
  }
}

/** The colours of a theme, or with null those of the style sheet in a mode, light or dark. */
function show(theme, mode) {
  const { style, dataset } = document.documentElement;
  const { scheme, variables } =
    theme === null ? { scheme: mode, variables: {} } : paletteOf(theme.colors);
  dataset.theme = scheme;
  localStorage.setItem('sdm.theme', scheme);
  localStorage.setItem('sdm.palette', JSON.stringify(variables));
  const unwanted = Array.from(style).filter((name) => !(name in variables));
  for (const name of unwanted) style.removeProperty(name);
  wear(document.documentElement, variables);
}

/** Gives an element, and so all that is in it, colours of its own. */
export function wear(element, variables) {
  for (const [name, value] of Object.entries(variables)) element.style.setProperty(name, value);
}
