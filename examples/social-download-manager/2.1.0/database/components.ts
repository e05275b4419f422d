import { object, ShapeError, type Parser } from '../shape.ts';
import type { Layout } from './layout.ts';
import type { Database } from './open.ts';
import { numberOf, textOf, type Row } from './row.ts';

/** A component of the page keeps what it likes, as a JSON object of at most so many characters. */
const longestState = 16_384;

export type ComponentState = Readonly<Record<string, unknown>>;

export const componentState: Parser<ComponentState> = (value, at) => {
  const state = object(value, at);
  if (JSON.stringify(state).length <= longestState) return state;
  throw new ShapeError(`${at}: at most ${longestState} characters of JSON are expected`);
};

/** A part of the page, as this release offers it. */
export interface Component {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly position: number;
  readonly isVisible: boolean;
}

/** The tables `v2_ui_components` and `v2_component_states`. */
export class Components {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By their own positions, with those that stand for programs. */
  all(): readonly Component[] {
    return this.#database
      .all('SELECT * FROM v2_ui_components ORDER BY position, id')
      .map(componentOf);
  }

  /** What the page is made of. */
  onPage(): readonly Component[] {
    return this.all().filter(({ kind }) => kind !== 'program');
  }

  /** The page's components in the user's order; those that the layout does not name come last, in their own. */
  arranged(layout: Layout | null): readonly Component[] {
    const components = this.onPage();
    if (layout === null) return components;
    const placed = layout.flatMap(({ id, visible }) =>
      components
        .filter((component) => component.id === id)
        .map((component) => ({ ...component, isVisible: visible })),
    );
    const rest = components.filter(({ id }) => !layout.some((entry) => entry.id === id));
    return [...placed, ...rest];
  }

  /** What a user's components have kept, by their ids. */
  statesOf(userId: number): ReadonlyMap<string, ComponentState> {
    const rows = this.#database.all(
      'SELECT component_id, state FROM v2_component_states WHERE user_id = :userId',
      { userId },
    );
    return new Map(
      rows.map((row) => [
        textOf(row, 'component_id'),
        object(JSON.parse(textOf(row, 'state')), 'state'),
      ]),
    );
  }

  putState(userId: number, componentId: string, state: ComponentState): void {
    this.#database.run(
      `INSERT INTO v2_component_states (user_id, component_id, state, updated_at)
       VALUES (:userId, :componentId, :json, :now)
       ON CONFLICT (user_id, component_id) DO UPDATE SET
         state = excluded.state, updated_at = excluded.updated_at`,
      { userId, componentId, json: JSON.stringify(state), now: new Date().toISOString() },
    );
  }
}

function componentOf(row: Row): Component {
  return {
    id: textOf(row, 'id'),
    kind: textOf(row, 'kind'),
    title: textOf(row, 'title'),
    position: numberOf(row, 'position'),
    isVisible: numberOf(row, 'is_visible') !== 0,
  };
}
