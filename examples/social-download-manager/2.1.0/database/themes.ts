import { record, ShapeError, type Parsed, type Parser } from '../shape.ts';
import type { Database } from './open.ts';
import { numberOf, numberOrNull, textOf, type Row } from './row.ts';

const color: Parser<string> = (value, at) => {
  if (typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value)) return value.toLowerCase();
  throw new ShapeError(`${at}: a colour such as #1a2b3c is expected`);
};

export const themeColors = record({ background: color, text: color, accent: color, panel: color });
export type ThemeColors = Parsed<typeof themeColors>;

export interface Theme {
  readonly id: number;
  /** Null for the themes that everybody has. */
  readonly userId: number | null;
  readonly name: string;
  readonly colors: ThemeColors;
}

export type NewTheme = Omit<Theme, 'id'>;

/** The table `v2_theme_configurations`. */
export class Themes {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): readonly Theme[] {
    return this.#database.all('SELECT * FROM v2_theme_configurations ORDER BY id').map(themeOf);
  }

  /** Those that everybody has, and the user's own. */
  of(userId: number): readonly Theme[] {
    return this.all().filter((theme) => theme.userId === null || theme.userId === userId);
  }

  /** Null when the user has a theme of this name. */
  add({ userId, name, colors }: NewTheme): Theme | null {
    const row = this.#database.get(
      `INSERT INTO v2_theme_configurations (user_id, name, colors, created_at)
       VALUES (:userId, :name, :json, :now) ON CONFLICT (user_id, name) DO NOTHING RETURNING *`,
      { userId, name, json: JSON.stringify(colors), now: new Date().toISOString() },
    );
    return row === undefined ? null : themeOf(row);
  }

  /** Whether it has been changed; not when the user has another theme of this name. */
  put({ id, name, colors }: Omit<Theme, 'userId'>): boolean {
    const changes = this.#database.run(
      `UPDATE OR IGNORE v2_theme_configurations SET name = :name, colors = :json WHERE id = :id`,
      { id, name, json: JSON.stringify(colors) },
    );
    return changes > 0;
  }

  remove(id: number): void {
    this.#database.run('DELETE FROM v2_theme_configurations WHERE id = :id', { id });
  }
}

function themeOf(row: Row): Theme {
  return {
    id: numberOf(row, 'id'),
    userId: numberOrNull(row, 'user_id'),
    name: textOf(row, 'name'),
    colors: themeColors(JSON.parse(textOf(row, 'colors')), 'colors'),
  };
}
