import type { Column, ForeignKey, Table } from './schema.ts';

type Tables = ReadonlyMap<string, Table>;

/** A name as SQLite compares it: without the case of its ASCII letters, and of no others. */
export function foldName(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function isSameName(one: string, other: string): boolean {
  return one === other || foldName(one) === foldName(other);
}

export function tableNamed(tables: Tables, name: string): Table | undefined {
  return tables.get(name) ?? [...tables.values()].find((table) => isSameName(table.name, name));
}

export function columnNamed({ columns }: Pick<Table, 'columns'>, name: string): Column | undefined {
  const exact = columns.find((column) => column.name === name);
  return exact ?? columns.find((column) => isSameName(column.name, name));
}

/** How names are written; one that is not known stays as it is. */
export interface Spelling {
  readonly table: (name: string) => string;
  readonly column: (table: string, name: string) => string;
  /** Null where no such table, or none with such a column, is known. */
  readonly place: (table: string, column: string | null) => string | null;
}

/** The spelling of the first of these that has a table, or a column of it. */
export function spellingOf(...shapes: readonly Tables[]): Spelling {
  const tables = new Map<string, string>();
  const columns = new Map<string, Map<string, string>>();
  for (const table of shapes.flatMap((shape) => [...shape.values()])) {
    const folded = foldName(table.name);
    if (!tables.has(folded)) tables.set(folded, table.name);
    const known = columns.get(folded) ?? new Map<string, string>();
    columns.set(folded, known);
    for (const { name } of table.columns) {
      const key = foldName(name);
      if (!known.has(key)) known.set(key, name);
    }
  }
  const columnOf = (table: string, name: string): string | undefined =>
    columns.get(foldName(table))?.get(foldName(name));
  return {
    table: (name) => tables.get(foldName(name)) ?? name,
    column: (table, name) => columnOf(table, name) ?? name,
    place: (table, column) => {
      const known = tables.get(foldName(table));
      if (known === undefined || column === null) return known ?? null;
      const spelled = columnOf(table, column);
      return spelled === undefined ? null : `${known}.${spelled}`;
    },
  };
}

/** The same tables under other spellings of their names; their declarations stay as they are written. */
export function spelledTables(tables: Tables, spelling: Spelling): Map<string, Table> {
  return new Map(
    [...tables.values()].map((table) => {
      const column = (name: string): string => spelling.column(table.name, name);
      const spelled: Table = {
        ...table,
        name: spelling.table(table.name),
        columns: table.columns.map((each) => ({ ...each, name: column(each.name) })),
        key: table.key.map(column),
        foreignKeys: table.foreignKeys.map((key) => spelledKey(key, { column, spelling })),
      };
      return [spelled.name, spelled];
    }),
  );
}

function spelledKey(
  key: ForeignKey,
  how: { readonly column: (name: string) => string; readonly spelling: Spelling },
): ForeignKey {
  const parent = how.spelling.table(key.parent);
  return {
    ...key,
    parent,
    columns: key.columns.map(how.column),
    parentColumns: key.parentColumns.map((name) => how.spelling.column(parent, name)),
  };
}
