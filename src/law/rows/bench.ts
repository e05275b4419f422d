import type { Disk } from '../../host/disk.ts';
import type { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { affinityOf } from '../../sqlite/schema.ts';
import type { RowTeller } from './row-progress.ts';
import type { StoredChanges } from './stored.ts';
import type { Direction, Shape, View } from './view.ts';

/**
 * The connection on which a merge works. Schemas: `main` the result (begun as a copy of `base`), `base`,
 * `origin` and `latest` (all three only read), `scratch` (thrown away), `parked` (kept beside the result).
 * For each view stand two temporary views, `originOf(view)` and `latestOf(view)`, in the wanted shape; for a split
 * table, which the wanted shape keeps in several, also `baseOf(view)` and `resultOf(view)`.
 */
export interface Bench {
  readonly db: Database;
  /** Null where files are read through SQLite alone. */
  readonly pages: Pages | null;
  /** False where the result has no journal: what a constraint refuses cannot be taken back then. */
  readonly hasJournal: boolean;
  /** What pages told of tables in latest and origin, by name: filled as it is asked for. */
  readonly stored: Map<string, StoredChanges | null>;
  /** Whom comparisons of pages tell how many rows they have passed. */
  readonly rows: RowTeller;
  /** Table of a view → the working table of the keys that alone are looked at; null for all. */
  readonly confined: ReadonlyMap<string, string> | null;
  readonly direction: Direction;
  readonly base: Shape;
  readonly origin: Shape;
  readonly latest: Shape;
  readonly views: readonly View[];
  /** Views of tables whose rows nothing identifies. */
  readonly loose: readonly View[];
}

/** A schema of the bench that holds a state; `main` the result, `earlier` what it was made of before `latest`. */
export type State = 'main' | 'base' | 'origin' | 'latest' | 'earlier';

/** The files of the states, so that their pages can be compared. */
export interface Pages {
  readonly disk: Disk;
  readonly paths: Readonly<Record<State, string>>;
}

export const originOf = (view: View): string => quoteName(`origin:${view.table.name}`);
export const latestOf = (view: View): string => quoteName(`latest:${view.table.name}`);
/** The rows of both under the changed keys, each computed once: made by `findDelta`. */
export const changedOriginOf = (view: View): string =>
  `scratch.${quoteName(`origin:${view.table.name}`)}`;
export const changedLatestOf = (view: View): string =>
  `scratch.${quoteName(`latest:${view.table.name}`)}`;
/** What base holds under those keys: the key, and the columns of which a cell changed; of a split table all. */
export const changedBaseOf = (view: View): string =>
  `scratch.${quoteName(`base:${view.table.name}`)}`;
export const baseOf = (view: View): string =>
  view.split === null
    ? `base.${quoteName(view.table.name)}`
    : `temp.${quoteName(`base:${view.table.name}`)}`;
export const resultOf = (view: View): string =>
  view.split === null
    ? `main.${quoteName(view.table.name)}`
    : `temp.${quoteName(`result:${view.table.name}`)}`;
/** Which keys changed between origin and latest, and what is done about each. */
export const deltaOf = (view: View): string => `scratch.${quoteName(`delta:${view.table.name}`)}`;
/** The delta as it was found, before images were drawn; kept where a result is to be brought up. */
export const foundOf = (view: View): string => `scratch.${quoteName(`found:${view.table.name}`)}`;
/** The rows that the result will hold under the changed keys. */
export const imageOf = (view: View): string => `scratch.${quoteName(`image:${view.table.name}`)}`;
/** The keys of rows that differ between base and result, each with whether it is gone: made by `reconcile`. */
export const movedOf = (view: View): string => `scratch.${quoteName(`moved:${view.table.name}`)}`;
/** The keys of rows that differ between origin and latest: new, gone or otherwise; made by `reconcile`. */
export const changedOf = (view: View): string =>
  `scratch.${quoteName(`changed:${view.table.name}`)}`;
/** Cells whose JSON was merged path by path. */
export const mergedOf = (view: View): string => `scratch.${quoteName(`merged:${view.table.name}`)}`;
export const parkedCellsOf = (view: View): string =>
  `parked.${quoteName(`cells:${view.table.name}`)}`;
export const parkedRowsOf = (view: View): string =>
  `parked.${quoteName(`rows:${view.table.name}`)}`;

/** The view's columns outside its key. */
export function bodyOf(view: View): string[] {
  return view.columns.filter((column) => !view.key.includes(column));
}

/** Columns of the wanted table that a row can be inserted with. */
export function storedColumnsOf(view: View): readonly string[] {
  if (view.split !== null) return view.columns;
  return view.table.columns.filter((column) => !column.isGenerated).map((column) => column.name);
}

/**
 * Declarations of columns for a working table: the key's with the affinity that the wanted table gives them, since an
 * index serves only comparisons of its own affinity; the others without any, so that every value stays what it is.
 */
export function workingColumns(view: View, columns: readonly string[]): string {
  return columns
    .map((column) => {
      const declared = view.table.columns.find(({ name }) => name === column);
      const affinity = view.key.includes(column) ? affinityOf(declared?.type ?? '') : '';
      return `${quoteName(column)} ${affinity}`;
    })
    .join(', ');
}

/** Makes the temporary views of each view. A table that `latest` lost has no rows there. */
export function raiseViews(bench: Bench): void {
  for (const view of [...bench.views, ...bench.loose]) {
    bench.db.exec(`CREATE TEMP VIEW ${originOf(view)} AS ${view.selectFrom('origin')}`);
    bench.db.exec(`CREATE TEMP VIEW ${latestOf(view)} AS ${view.selectFrom('latest')}`);
    if (view.split === null) continue;
    bench.db.exec(`CREATE TEMP VIEW ${baseOf(view)} AS ${view.split.shownFrom('base')}`);
    bench.db.exec(`CREATE TEMP VIEW ${resultOf(view)} AS ${view.split.shownFrom('main')}`);
  }
}
