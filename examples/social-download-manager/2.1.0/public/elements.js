import { Unreachable } from './api.js';
import { hasWords, translate, words } from './words.js';

export function byId(id) {
  return document.getElementById(id);
}

/**
 * An element with its attributes and children. A function is a listener (`click: …`), `false` and `null`
 * leave an attribute out. Children are elements or text: text is never read as HTML.
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') on(element, name, value);
    else if (value !== false && value !== null)
      element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  translate(element);
  return element;
}

/** Listens for an event; what the listener promises is awaited by nobody, so it deals with its own failures. */
export function on(target, type, listener) {
  target.addEventListener(type, (event) => void listener(event));
}

/** An element of a drawing (SVG), with its attributes and children. */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** One of the drawings in `icons.svg`; decoration, so hidden from screen readers. */
export function icon(name) {
  const picture = draw('use', { href: `icons.svg#${name}` });
  return draw('svg', { class: 'icon', 'aria-hidden': 'true' }, picture);
}

/** A small button that shows a drawing and is named in words. */
export function iconButton(name, key, click) {
  return make(
    'button',
    { type: 'button', class: 'icon-button', 'data-words-label': key, click },
    icon(name),
  );
}

/** Writes a text only where it differs, so that nothing is announced or painted without need. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Makes `parent` hold just these children in this order, moving only what is out of place (focus stays). */
export function arrange(parent, children) {
  const wanted = new Set(children);
  const unwanted = [...parent.children].filter((child) => !wanted.has(child));
  for (const child of unwanted) child.remove();
  children.forEach((child, at) => {
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
  });
}

/** Says what went wrong and what to do, at the place where it was tried. */
export function showProblem(place, error) {
  const { message, hint } = explain(error);
  place.replaceChildren(
    make(
      'p',
      { class: 'problem', role: 'alert' },
      make('strong', {}, message),
      hint ? ` ${hint}` : '',
    ),
  );
}

/**
 * The message and the hint for an error: in the page's words where it knows the code, else in the server's.
 * Throws an error that is a fault of the page itself.
 */
export function explain(error) {
  if (error instanceof Unreachable) return { message: words('connection.lost'), hint: '' };
  if (error.code === undefined) throw error;
  const key = `error.${error.code}`;
  if (!hasWords(key)) return { message: error.message, hint: error.hint };
  const { message } = error;
  return {
    message: words(key, { message }),
    hint: hasWords(`${key}.hint`) ? words(`${key}.hint`, { message }) : '',
  };
}

/**
 * Runs what a button or form does: nothing twice at once, and a problem shown at `place`.
 * Returns whether it went well.
 */
export async function attempt(control, place, action) {
  if (control.getAttribute('aria-busy') === 'true') return false;
  control.setAttribute('aria-busy', 'true');
  try {
    place.replaceChildren();
    await action();
    return true;
  } catch (error) {
    showProblem(place, error);
    return false;
  } finally {
    control.removeAttribute('aria-busy');
  }
}

/** Tells screen readers what happened, without moving the focus. */
export function announce(text) {
  byId('spoken').textContent = text;
}
