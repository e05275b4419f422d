import { choose, wear } from './appearance.js';
import { attempt, byId, make, on } from './elements.js';
import { paletteOf } from './palette.js';
import { isSignedIn, onSession, session } from './session.js';
import { closeEditor, isEditing, openEditor, startEditor } from './theme-editor.js';
import { allThemes, deleteTheme, loadThemes, onThemes } from './themes.js';
import { onLanguage, words } from './words.js';

/** The two looks that need no theme. */
const modes = ['light', 'dark'];
let shown = '';

/** All themes to choose from, and what makes, changes and deletes one's own. */
export function startGallery() {
  startEditor();
  on(byId('new-theme'), 'click', () => openEditor(null));
  onThemes(show);
  onSession(show);
  onLanguage(() => {
    shown = '';
    show();
  });
}

/** Fetches the themes anew: they may have been changed in another window. */
export async function loadGallery() {
  await attempt(byId('themes'), byId('theme-problems'), loadThemes);
}

function show() {
  if (!isSignedIn()) {
    closeEditor();
    return;
  }
  const { preferences, features } = session();
  byId('new-theme').hidden = !features.customThemes;
  const { theme, themeId } = preferences;
  const signature = JSON.stringify([theme, themeId, features.customThemes, allThemes()]);
  if (signature === shown) return;
  shown = signature;
  const focused = document.activeElement?.closest('#theme-list [data-key]')?.dataset.key;
  byId('theme-list').replaceChildren(
    ...modes.map((mode) => modeCard(mode, themeId === null && theme === mode)),
    ...allThemes().map((one) => themeCard(one, one.id === themeId)),
  );
  byId('theme-list').querySelector(`[data-key="${focused}"] button`)?.focus();
}

function modeCard(mode, isActive) {
  const use = useButton(words(`theme.${mode}`), isActive);
  on(use, 'click', () => choose({ theme: mode, themeId: null }));
  return make('li', { 'data-key': mode, 'data-mode': mode }, use);
}

function themeCard(theme, isActive) {
  const use = useButton(theme.name, isActive);
  on(use, 'click', () => choose({ themeId: theme.id }));
  const canChange = theme.isOwn && session().features.customThemes;
  const own = make('span', { class: 'buttons' });
  if (canChange) {
    const edit = make('button', {
      type: 'button',
      class: 'quiet',
      'data-words': 'themes.edit',
      click: () => openEditor(theme),
    });
    own.append(edit, deleteButton(theme));
  }
  const card = make('li', { 'data-key': `${theme.id}` }, use, own);
  wear(card, paletteOf(theme.colors).variables);
  return card;
}

function useButton(name, isActive) {
  return make(
    'button',
    { type: 'button', class: 'use', 'aria-pressed': `${isActive}` },
    sample(),
    make('span', { class: 'theme-name' }, name),
  );
}

/** The page in small, in the colours of what it stands in. */
function sample() {
  const parts = ['sample-line', 'sample-line', 'sample-accent'].map((part) =>
    make('span', { class: part }),
  );
  return make('span', { class: 'sample' }, make('span', { class: 'sample-panel' }, ...parts));
}

/** Asks once more before it deletes, in the button's own place. */
function deleteButton(theme) {
  const button = make('button', { type: 'button', class: 'quiet', 'data-words': 'themes.delete' });
  on(button, 'blur', () => button.classList.remove('danger'));
  on(button, 'blur', () => button.replaceChildren(words('themes.delete')));
  on(button, 'click', async () => {
    if (!button.classList.contains('danger')) {
      button.classList.add('danger');
      button.replaceChildren(words('themes.delete.sure'));
      return;
    }
    if (isEditing(theme.id)) closeEditor();
    const wentWell = await attempt(button, byId('theme-problems'), () => deleteTheme(theme.id));
    if (wentWell) byId('new-theme').focus();
  });
  return button;
}
