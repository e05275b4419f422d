import { api } from './api.js';
import { attempt, byId, make, on } from './elements.js';
import { field, formEnd, languageChoice, qualityChoice, themeChoice } from './fields.js';
import { words } from './words.js';

/** The application's settings, for administrators. Returns `load()`. */
export function startSettings() {
  const place = byId('settings');
  const whole = { type: 'number', min: '1', required: true };
  const form = make(
    'form',
    { class: 'stack columns' },
    field(
      'settings.folder',
      make('input', { name: 'downloadFolder', required: true, spellcheck: 'false' }),
      'settings.folder.rule',
    ),
    field('quality', qualityChoice()),
    field('settings.concurrent', make('input', { name: 'maxConcurrentDownloads', ...whole })),
    field('settings.session-hours', make('input', { name: 'sessionHours', ...whole })),
    field('settings.theme', themeChoice()),
    field('settings.language', languageChoice()),
    ...formEnd('save'),
  );
  place.append(
    make('h2', { id: 'settings-title', 'data-words': 'settings.title' }),
    make('p', { class: 'muted', 'data-words': 'settings.lead' }),
    form,
  );
  const problems = form.querySelector('.problems');
  const done = form.querySelector('.done');
  on(form, 'input', () => done.replaceChildren());
  on(form, 'submit', async (event) => {
    event.preventDefault();
    done.replaceChildren();
    const wentWell = await attempt(form, problems, async () =>
      fill(form, await api.saveSettings(valuesOf(form))),
    );
    if (wentWell) done.textContent = words('saved');
  });
  return () => attempt(place, problems, async () => fill(form, await api.settings()));
}

function valuesOf(form) {
  const values = Object.fromEntries(new FormData(form));
  return {
    ...values,
    downloadFolder: values.downloadFolder.trim(),
    maxConcurrentDownloads: Number(values.maxConcurrentDownloads),
    sessionHours: Number(values.sessionHours),
  };
}

function fill(form, settings) {
  for (const [name, value] of Object.entries(settings)) {
    const control = form.elements.namedItem(name);
    if (control !== null) control.value = value;
  }
}
