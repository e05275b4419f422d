import { make } from './elements.js';
import { qualities } from './names.js';

let fieldCount = 0;

/** A labelled control; `rule` names the words of a line below it. */
export function field(key, control, rule) {
  const label = make('label', {}, make('span', { 'data-words': key }), control);
  if (rule === undefined) return label;
  fieldCount += 1;
  const id = `rule-${fieldCount}`;
  control.setAttribute('aria-describedby', id);
  return make('div', { class: 'field' }, label, make('small', { id, 'data-words': rule }));
}

/** A box to tick, with its label behind it. */
export function check(key, name) {
  return make(
    'label',
    { class: 'check' },
    make('input', { name, type: 'checkbox' }),
    make('span', { 'data-words': key }),
  );
}

/** A choice between values, each with the key of its words; null shows the value itself. */
export function choice(name, options) {
  return make(
    'select',
    { name },
    ...options.map(([value, key]) =>
      key === null
        ? make('option', { value }, value)
        : make('option', { value, 'data-words': key }),
    ),
  );
}

export function themeChoice() {
  return choice('theme', [
    ['light', 'theme.light'],
    ['dark', 'theme.dark'],
  ]);
}

/** Each language under its own name, whatever the page's language is. */
export function languageChoice() {
  return make(
    'select',
    { name: 'language' },
    make('option', { value: 'en', lang: 'en' }, 'English'),
    make('option', { value: 'vi', lang: 'vi' }, 'Tiếng Việt'),
  );
}

export function qualityChoice() {
  return choice(
    'quality',
    qualities.map((quality) => [quality, `quality.${quality}`]),
  );
}

/** The end of a form: where its problems go, its button, and where success is said. */
export function formEnd(key) {
  return [
    make('div', { class: 'problems' }),
    make(
      'div',
      { class: 'buttons' },
      make('button', { class: 'primary', 'data-words': key }),
      make('span', { class: 'done', role: 'status' }),
    ),
  ];
}
