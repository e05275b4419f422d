import type { Database } from '../../../sqlite/database.ts';
import type { Table } from '../../../sqlite/schema.ts';
import { columnNamed, foldName } from '../../../sqlite/spelling.ts';
import type { ParkedTable } from './refused-damage.ts';
import { withTablesOf, type Shape, type TableLens } from '../view.ts';

/** A table of the newer release whose columns `key` hold an old row's key, in its order. */
export interface RowSource {
  readonly table: string;
  readonly key: readonly string[];
}

/** Columns of the newer release from which one old column is made. */
export interface CellSource {
  readonly source: RowSource;
  readonly columns: readonly string[];
}

export interface Sources {
  /** Null where no single table holds the key. */
  readonly row: RowSource | null;
  cell(column: string): readonly CellSource[];
}

interface Asked {
  readonly table: ParkedTable;
  readonly lens: TableLens;
}

/** Where the newer release (schema `main`) keeps the rows and cells of an old table. */
export function sourcesOf(db: Database, shape: Shape, { table, lens }: Asked): Sources {
  const home = shape.get(table.name);
  if (lens.select !== undefined) return selectedSources(db, shape, { table, lens });
  if (home === undefined) return { row: null, cell: () => [] };
  const row = { table: home.name, key: table.key };
  return {
    row,
    cell: (column) => {
      const stored = columnNamed(home, column);
      return stored === undefined ? [] : [{ source: row, columns: [stored.name] }];
    },
  };
}

function selectedSources(db: Database, shape: Shape, { table, lens }: Asked): Sources {
  const select = withTablesOf('main', shape, lens.select ?? '');
  const origins = new Map(
    db.columnsOf(select).map((name) => [foldName(name), db.originOf(select, name)]),
  );
  const keys = table.key.map((column) => origins.get(foldName(column)) ?? null);
  const home = shape.get(keys[0]?.table ?? '');
  if (home === undefined || keys.some((key) => key?.table !== home.name)) {
    return { row: null, cell: () => [] };
  }
  const row = { table: home.name, key: keys.map((key) => key?.column ?? '') };
  const shown = new Set([...origins.values()].map((found) => `${found?.table}.${found?.column}`));
  const computed = db
    .columnsReadBy(select)
    .filter((read) => read.table === home.name && !shown.has(`${read.table}.${read.column}`))
    .map(({ column }) => column);
  return {
    row,
    cell: (column) => {
      const origin = origins.get(foldName(column)) ?? null;
      if (origin === null)
        return computed.length === 0 ? [] : [{ source: row, columns: [...new Set(computed)] }];
      const source = origin.table === home.name ? row : ownedBy(row, shape.get(origin.table));
      return source === null ? [] : [{ source, columns: [origin.column] }];
    },
  };
}

/** A table that references the one with the key, by a single column. */
function ownedBy(row: RowSource, table: Table | undefined): RowSource | null {
  const reference = table?.foreignKeys.find(
    ({ parent, columns }) => parent === row.table && columns.length === 1,
  );
  return table === undefined || reference === undefined || row.key.length !== 1
    ? null
    : { table: table.name, key: reference.columns };
}
