import type { Path, Position } from '../../form/problem.ts';
import { renderPath } from '../../form/problem.ts';
import type { Choice } from '../place.ts';
import type { DocumentEntries } from './schema.ts';

/** A reversal file, read and checked for its shape; whether its SQL holds is judged elsewhere. */
export interface Reversal {
  /** Absolute. */
  readonly file: string;
  /** Of the file's bytes: decisions that were taken with other bytes are taken again. */
  readonly sha256: string;
  readonly from: string;
  readonly to: string;
  /** Asset → what it says of its database. */
  readonly databases: Readonly<Record<string, DatabaseReversal>>;
  /** `asset/file` → old path → where it stands in the new document, as `parseDocumentReversal` takes it. */
  readonly documents: Readonly<Record<string, DocumentEntries>>;
  /** Full place (see `parsePlace`) → choice. */
  readonly decide: Readonly<Record<string, Choice>>;
  /** Where each key of the file stands, by its rendered path; see `positionOf`. */
  readonly positions: Readonly<Record<string, Position>>;
}

export interface DatabaseReversal {
  /** By the name of the old table. */
  readonly tables: Readonly<Record<string, TableReversal>>;
  /** Name of derived data → statements, run in order on the result. */
  readonly rebuild: Readonly<Record<string, readonly string[]>>;
}

export interface TableReversal {
  /** Old column → new word → old word; one-to-one. Applied to what `select` yields. */
  readonly map?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly key?: readonly string[];
  readonly select?: string;
  /** New column → SQL over the old row. */
  readonly forth?: Readonly<Record<string, string>>;
  /** In place of `forth`: bodies of INSTEAD OF triggers on the view that `select` makes. */
  readonly triggers?: Triggers;
}

export interface Triggers {
  readonly insert: string;
  readonly update: string;
  readonly delete: string;
}

/** Where a key of the file stands, or its nearest parent: `['sqlite', 'history', 'users', 'select']`. */
export function positionOf({ positions }: Reversal, path: Path): Position {
  for (let length = path.length; length > 0; length -= 1) {
    const position = positions[renderPath(path.slice(0, length))];
    if (position !== undefined) return position;
  }
  return { line: 1, column: 1 };
}

/** Places from which no change comes back on the way forth: full places, in the order of the file. */
export function oneWayPlaces(reversal: Reversal): string[] {
  const tables = Object.entries(reversal.databases).flatMap(([asset, { tables: all }]) =>
    Object.entries(all)
      .filter(([, table]) => table.select !== undefined && !table.forth && !table.triggers)
      .map(([name]) => `${asset}.${name}`),
  );
  const documents = Object.entries(reversal.documents).flatMap(([name, entries]) =>
    Object.entries(entries)
      .filter(([, entry]) => typeof entry !== 'string' && 'get' in entry && !hasForth(entry))
      .map(([path]) => `${name}#${path}`),
  );
  return [...tables, ...documents];
}

function hasForth(entry: { readonly forth?: unknown }): boolean {
  const { forth } = entry;
  return typeof forth === 'object' && forth !== null && Object.keys(forth).length > 0;
}
