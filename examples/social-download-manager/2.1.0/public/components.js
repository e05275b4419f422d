import { api, Refusal, Unreachable } from './api.js';
import { arrange, byId, on, showProblem } from './elements.js';
import { onSession, session } from './session.js';

const listeners = [];
/** What the page is made of: `{ id, visible, state }`, in the user's order. */
let components = [];
/** Whose they are; null until they are known. */
let knownFor = null;
let isAsking = false;
/** What is kept goes to the server one after the other, so that the last word is the last one there. */
let keeping = Promise.resolve();

/** The parts of the first view: their order, which of them are shown, and what each of them keeps. */
export function startComponents() {
  components = inMarkup();
  for (const section of sections()) {
    const id = section.dataset.component;
    on(toggleOf(section), 'click', () => keepState(id, { collapsed: isOpen(id) }));
  }
  onSession(followUser);
}

/** Calls `listener()` after each change of the components, their order or their states. */
export function onComponents(listener) {
  listeners.push(listener);
}

/** The layout as it is: `[{ id, visible }]`, in order. */
export function layout() {
  return components.map(({ id, visible }) => ({ id, visible }));
}

/** The id of the user whose components these are; null while they are not known. */
export function componentsOf() {
  return knownFor;
}

/** What a component has kept, an object of its own; it may come from another release, so it is read with care. */
export function stateOf(id) {
  return components.find((component) => component.id === id)?.state ?? {};
}

/** Whether a component is there to be seen, and not folded up. */
export function isOpen(id) {
  const component = components.find((one) => one.id === id);
  return component?.visible === true && component.state?.collapsed !== true;
}

/** Keeps a part of a component's state for this user, on every browser. */
export function keepState(id, change) {
  components = components.map((one) =>
    one.id === id ? { ...one, state: { ...one.state, ...change } } : one,
  );
  show();
  keep(() => api.saveState(id, stateOf(id)));
}

/** Puts the components in order, shows and hides them; and keeps it. */
export function keepLayout(wanted) {
  components = wanted.map(({ id, visible }) => ({ id, visible, state: stateOf(id) }));
  show();
  keep(() => api.saveLayout(layout()));
}

function followUser({ user, features }) {
  const userId = user?.id ?? null;
  if (userId === knownFor || isAsking) return;
  knownFor = null;
  components = inMarkup();
  show();
  if (userId === null) return;
  byId('arrange').hidden = !features.componentInterface;
  if (features.componentInterface) void load(userId);
  else know(userId, components);
}

/** While the server fails at it, the page is as it is for everybody; each look at the session tries again. */
async function load(userId) {
  isAsking = true;
  try {
    const answer = await api.components();
    const offered = sections().map(({ dataset }) => dataset.component);
    byId('component-problems').replaceChildren();
    if (session().user?.id === userId)
      know(
        userId,
        answer.components.filter(({ id }) => offered.includes(id)),
      );
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unreachable)) throw error;
    if (error instanceof Refusal && error.status !== 401)
      showProblem(byId('component-problems'), error);
  } finally {
    isAsking = false;
  }
}

function know(userId, known) {
  knownFor = userId;
  components = known;
  show();
}

function keep(save) {
  if (knownFor === null || !session().features.componentInterface) return;
  keeping = keepAfter(keeping, save);
}

async function keepAfter(others, save) {
  await others;
  try {
    await save();
    byId('component-problems').replaceChildren();
  } catch (error) {
    showProblem(byId('component-problems'), error);
  }
}

function show() {
  const known = new Map(sections().map((section) => [section.dataset.component, section]));
  for (const { id, visible } of components) {
    const section = known.get(id);
    section.hidden = !visible;
    section.querySelector('.component-body').hidden = !isOpen(id);
    toggleOf(section).setAttribute('aria-expanded', `${isOpen(id)}`);
  }
  arrange(
    byId('components'),
    components.map(({ id }) => known.get(id)),
  );
  for (const listener of listeners) listener();
}

/** As the page is written, for whoever has arranged nothing. */
function inMarkup() {
  return sections().map(({ dataset }) => ({ id: dataset.component, visible: true, state: {} }));
}

function sections() {
  return [...document.querySelectorAll('#components > [data-component]')];
}

function toggleOf(section) {
  return section.querySelector('.fold');
}
