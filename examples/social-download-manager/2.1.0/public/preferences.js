import { attempt, byId, make, on } from './elements.js';
import { check, choice, field, formEnd, languageChoice, qualityChoice } from './fields.js';
import { onSession, savePreferences } from './session.js';
import { words } from './words.js';

const rowCounts = ['10', '25', '50', '100', '200'];

/** The form of one's own preferences. */
export function startPreferences() {
  const form = byId('preferences-form');
  const folder = make('input', {
    name: 'downloadFolder',
    spellcheck: 'false',
    autocapitalize: 'none',
  });
  form.append(
    field('language', languageChoice()),
    make('h2', { 'data-words': 'preferences.downloads' }),
    field('quality', qualityChoice()),
    field('preferences.folder', folder, 'preferences.folder.rule'),
    make('h2', { 'data-words': 'preferences.history' }),
    field(
      'preferences.rows',
      choice(
        'rowsPerPage',
        rowCounts.map((count) => [count, null]),
      ),
    ),
    check('preferences.compact', 'compact'),
    ...formEnd('save'),
  );
  on(form, 'submit', (event) => {
    event.preventDefault();
    void save(form);
  });
  on(form, 'input', () => setDone(form, ''));
  onSession(({ preferences }) => fill(form, preferences));
}

async function save(form) {
  setDone(form, '');
  const wentWell = await attempt(form, form.querySelector('.problems'), () =>
    savePreferences(valuesOf(form)),
  );
  if (wentWell) setDone(form, words('saved'));
}

function valuesOf(form) {
  const { language, quality, downloadFolder, rowsPerPage, compact } = form.elements;
  return {
    language: language.value,
    quality: quality.value,
    downloadFolder: downloadFolder.value.trim(),
    ui: { ...filled.ui, rowsPerPage: Number(rowsPerPage.value), compact: compact.checked },
  };
}

let filled = null;

/** Fills the form only when the preferences have changed: what is being typed stays. */
function fill(form, preferences) {
  if (preferences === null || JSON.stringify(preferences) === JSON.stringify(filled)) return;
  filled = preferences;
  const { language, quality, downloadFolder, rowsPerPage, compact } = form.elements;
  language.value = preferences.language;
  quality.value = preferences.quality;
  downloadFolder.value = preferences.downloadFolder;
  offerCount(rowsPerPage, `${preferences.ui.rowsPerPage}`);
  compact.checked = preferences.ui.compact;
}

/** A count that was set elsewhere is offered too. */
function offerCount(select, count) {
  if (![...select.options].some(({ value }) => value === count))
    select.append(make('option', { value: count }, count));
  select.value = count;
}

function setDone(form, text) {
  form.querySelector('.done').textContent = text;
}
