import type { Disk } from '../../../host/disk.ts';
import type { Database } from '../../../sqlite/database.ts';
import { quoteName } from '../../../sqlite/names.ts';
import { compareTables, type Holder } from '../../../sqlite/pages/compare-tables.ts';
import { readTables, type Table } from '../../../sqlite/schema.ts';
import { rowidNameOf } from '../stored.ts';
import { digestIn, openForDigests, stateOf, type TableState } from './receipt.ts';

/** A closed database whose tables were counted and hashed before. */
export interface KnownStates {
  readonly file: string;
  readonly states: Readonly<Record<string, TableState>>;
}

/** Rowids are handed to SQLite in lists of so many. */
const listLength = 10_000;

/**
 * The same as `tableStatesOf(file)`, from what is known of an earlier state: sums of hashes lose the rows that went and gain
 * those that came, and only those are hashed. A table of which pages do not tell is read whole. Both files are closed.
 */
export function tableStatesSince(
  disk: Disk,
  { known, file }: { readonly known: KnownStates; readonly file: string },
): Record<string, TableState> {
  const db = openForDigests(file);
  try {
    db.attach('known', known.file, { readOnly: true });
    const shapes = readTables(db, 'known');
    const tables = [...readTables(db, 'main').values()].filter(({ kind }) => kind === 'table');
    return Object.fromEntries(
      tables.map((table) => {
        const earlier = known.states[table.name];
        const isOne = earlier !== undefined && shapes.get(table.name)?.sql === table.sql;
        const since = isOne
          ? stateSince(disk, { db, table, earlier, files: { known: known.file, main: file } })
          : null;
        return [table.name, since ?? stateOf(db, table)];
      }),
    );
  } finally {
    db.close();
  }
}

interface Since {
  readonly db: Database;
  readonly table: Table;
  readonly earlier: TableState;
  readonly files: Readonly<Record<Side, string>>;
}

type Side = 'known' | 'main';

/** Null where pages do not tell. */
function stateSince(disk: Disk, { db, table, earlier, files }: Since): TableState | null {
  const rowid = rowidNameOf(table);
  if (rowid === null) return null;
  const root = (schema: Side): number =>
    db.count(
      `SELECT rootpage FROM ${schema}.sqlite_schema WHERE type = 'table' AND name = ?`,
      table.name,
    );
  let digest = BigInt(`0x${earlier.digest}`);
  const lists: Record<Side, string[]> = { known: [], main: [] };
  const flush = (side: Side): void => {
    const which = `${rowid} IN (SELECT value FROM json_each('[${lists[side].join(',')}]'))`;
    const sum = digestIn(db, { schema: side, table, which });
    digest += side === 'main' ? sum : -sum;
    lists[side] = [];
  };
  const add = (side: Side, id: string): void => {
    if (lists[side].push(id) === listLength) flush(side);
  };
  const tell = (id: string, holder: Holder): void => {
    if (holder !== 'right') add('known', id);
    if (holder !== 'left') add('main', id);
  };
  const pair = {
    left: { path: files.known, root: root('known') },
    right: { path: files.main, root: root('main') },
  };
  const compared = compareTables(disk, pair, { tell });
  const rows = db.count(`SELECT count(*) FROM main.${quoteName(table.name)}`);
  if (compared === null || compared.left !== earlier.rows || compared.right !== rows) return null;
  flush('known');
  flush('main');
  return { rows, digest: BigInt.asUintN(64, digest).toString(16).padStart(16, '0') };
}
