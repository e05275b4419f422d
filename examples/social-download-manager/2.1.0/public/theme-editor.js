import { wear } from './appearance.js';
import { attempt, byId, make, on } from './elements.js';
import { field, formEnd } from './fields.js';
import { numberOf } from './formats.js';
import { hardToRead, paletteOf } from './palette.js';
import { keepTheme } from './themes.js';
import { onLanguage, words } from './words.js';

const parts = ['background', 'panel', 'text', 'accent'];
const firstColors = { background: '#f2f5f4', panel: '#ffffff', text: '#1b2422', accent: '#0b6b5f' };

/** The id of the theme that is being changed; null for a new one. */
let edited = null;

/** The form of a theme: its name, its four colours, and how the page would look. */
export function startEditor() {
  const form = byId('theme-form');
  const name = make('input', {
    name: 'name',
    required: true,
    maxlength: '50',
    autocomplete: 'off',
  });
  form.append(
    make('h3', { id: 'theme-form-title' }),
    field('themes.name', name),
    ...parts.map((part) => field(`themes.${part}`, make('input', { name: part, type: 'color' }))),
    preview(),
    make('div', { id: 'theme-warnings', role: 'status' }),
    ...formEnd('save'),
  );
  const cancel = make('button', { type: 'button', 'data-words': 'cancel', click: leave });
  form.querySelector('.buttons').append(cancel);
  on(form, 'input', show);
  on(form, 'submit', async (event) => {
    event.preventDefault();
    const theme = { id: edited, name: name.value.trim(), colors: colorsIn(form) };
    const wentWell = await attempt(form, form.querySelector('.problems'), () => keepTheme(theme));
    if (wentWell) leave();
  });
  onLanguage(() => {
    if (!form.hidden) show();
  });
}

/** Opens the form for a theme of one's own; null for a new one. */
export function openEditor(theme) {
  const form = byId('theme-form');
  edited = theme?.id ?? null;
  form.elements.name.value = theme?.name ?? '';
  for (const part of parts) form.elements[part].value = (theme?.colors ?? firstColors)[part];
  form.querySelector('.problems').replaceChildren();
  form.hidden = false;
  show();
  form.scrollIntoView({ block: 'nearest' });
  form.elements.name.focus();
}

export function closeEditor() {
  byId('theme-form').hidden = true;
  edited = null;
}

export function isEditing(id) {
  return edited === id;
}

function leave() {
  closeEditor();
  byId('new-theme').focus();
}

function colorsIn(form) {
  return Object.fromEntries(parts.map((part) => [part, form.elements[part].value]));
}

function show() {
  const form = byId('theme-form');
  const colors = colorsIn(form);
  byId('theme-form-title').textContent = words(edited === null ? 'themes.new' : 'themes.change');
  wear(byId('theme-preview'), paletteOf(colors).variables);
  byId('theme-warnings').replaceChildren(...hardToRead(colors).map(warning));
}

function warning({ text, ground, contrast }) {
  const sentence = words('themes.hard-to-read', {
    text: words(`themes.${text}`),
    ground: words(`themes.${ground}`),
    contrast: numberOf(Math.floor(contrast * 10) / 10),
  });
  return make('p', { class: 'warning' }, sentence);
}

/** A piece of the page that is dressed in the chosen colours alone. */
function preview() {
  return make(
    'div',
    { id: 'theme-preview', 'aria-hidden': 'true' },
    make(
      'div',
      { class: 'card' },
      make('strong', { 'data-words': 'themes.preview' }),
      make('p', { class: 'muted', 'data-words': 'themes.preview.muted' }),
      make('p', { class: 'preview-accent', 'data-words': 'status.completed' }),
      make('span', { class: 'preview-button', 'data-words': 'add.do' }),
    ),
  );
}
