import { componentsOf, keepLayout, layout, onComponents } from './components.js';
import { announce, arrange, byId, icon, make, on, setText } from './elements.js';
import { onLanguage, words } from './words.js';

const rows = new Map();
let dragged = null;
/** The order while something is dragged; null otherwise. */
let draft = null;

/** The list with which the user shows, hides and orders the components: buttons, arrow keys, or dragging. */
export function startArranging() {
  const button = byId('arrange');
  on(button, 'click', () => open(byId('arranging').hidden));
  on(byId('arranging-done'), 'click', () => {
    open(false);
    button.focus();
  });
  onComponents(show);
  onLanguage(show);
}

function open(isOpen) {
  byId('arranging').hidden = !isOpen;
  byId('arrange').setAttribute('aria-expanded', `${isOpen}`);
}

function show() {
  if (componentsOf() === null) open(false);
  const shown = draft ?? layout();
  arrange(
    byId('arranging-list'),
    shown.map(({ id, visible }, place) => {
      const row = rows.get(id) ?? newRow(id);
      rows.set(id, row);
      update(row, { id, visible, place, last: shown.length - 1 });
      return row.element;
    }),
  );
}

function newRow(id) {
  const row = {
    grip: mover('grip', ({ key }) => {
      if (key === 'ArrowUp') step(id, { by: -1, from: 'grip' });
      if (key === 'ArrowDown') step(id, { by: 1, from: 'grip' });
    }),
    box: make('input', { type: 'checkbox', change: () => setVisible(id, row.box.checked) }),
    name: make('span', {}),
    up: mover('up'),
    down: mover('down'),
  };
  on(row.up, 'click', () => step(id, { by: -1, from: 'up' }));
  on(row.down, 'click', () => step(id, { by: 1, from: 'down' }));
  row.element = make(
    'li',
    {
      draggable: 'true',
      dragstart: () => beginDrag(id),
      dragover: (event) => dragOver(event, id),
      drop: (event) => event.preventDefault(),
      dragend: endDrag,
    },
    row.grip,
    make('label', { class: 'check' }, row.box, row.name),
    row.up,
    row.down,
  );
  return row;
}

function mover(picture, keydown = () => undefined) {
  return make('button', { type: 'button', class: 'icon-button', keydown }, icon(picture));
}

function update(row, { id, visible, place, last }) {
  const title = words(`component.${id}`);
  setText(row.name, title);
  row.box.checked = visible;
  row.element.classList.toggle('away', !visible);
  row.element.classList.toggle('dragged', id === dragged);
  for (const name of ['grip', 'up', 'down'])
    row[name].setAttribute('aria-label', words(`arrange.${name}`, { title }));
  row.up.disabled = place === 0;
  row.down.disabled = place === last;
}

function setVisible(id, visible) {
  keepLayout(layout().map((one) => (one.id === id ? { id, visible } : one)));
}

/** Moves a component by one place, and leaves the focus where it was, or beside it at the end of the list. */
function step(id, { by, from }) {
  const order = layout();
  const place = order.findIndex((one) => one.id === id);
  const target = place + by;
  if (target < 0 || target >= order.length) return;
  keepLayout(order.with(place, order[target]).with(target, order[place]));
  const row = rows.get(id);
  const focused = row[from].disabled ? row.grip : row[from];
  focused.focus();
  announce(words('arrange.moved', { title: words(`component.${id}`), place: target + 1 }));
}

function beginDrag(id) {
  dragged = id;
  draft = layout();
}

/** What is dragged takes the place of the row that it is over. */
function dragOver(event, id) {
  if (draft === null) return;
  event.preventDefault();
  if (id === dragged) return;
  const moved = draft.find((one) => one.id === dragged);
  const place = draft.findIndex((one) => one.id === id);
  draft = draft.filter((one) => one !== moved).toSpliced(place, 0, moved);
  show();
}

function endDrag({ dataTransfer }) {
  const wanted = draft;
  dragged = null;
  draft = null;
  // Let go outside the list, or given up with Escape: all stays where it was.
  if (dataTransfer.dropEffect === 'none') show();
  else keepLayout(wanted);
}
