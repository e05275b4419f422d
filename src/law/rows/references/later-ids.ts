import { Database } from '../../../sqlite/database.ts';
import { quoteName, quoteText } from '../../../sqlite/names.ts';
import { readTables, type Table } from '../../../sqlite/schema.ts';
import { cell, sameRow } from '../compare.ts';
import type { Renumbered } from './renumber.ts';
import { restoreTriggers, takeTriggers } from '../triggers.ts';

/** Closed databases of one shape. */
export interface LaterFiles {
  readonly base: string;
  readonly origin: string;
  /** A copy that is rewritten. */
  readonly latest: string;
}

/**
 * Rows made since `origin` under an integer id that `base` has given to another row get an id that is free in all three,
 * and what references them follows. One that is the same row as base's is taken out: base has it.
 */
export function renumberLater({ base, origin, latest }: LaterFiles): readonly Renumbered[] {
  const db = Database.open(latest);
  try {
    db.exec('PRAGMA foreign_keys = OFF');
    db.attach('base', base, { readOnly: true });
    db.attach('origin', origin, { readOnly: true });
    const tables = readTables(db, 'main');
    const others = [readTables(db, 'base', tables), readTables(db, 'origin', tables)];
    const shared = [...tables.values()].filter((table) =>
      others.every((side) => hasItsId(side.get(table.name), table)),
    );
    return db.transaction(() => {
      const triggers = takeTriggers({ db });
      const moved = shared.flatMap((table) => moveRows(db, table, [...tables.values()]));
      restoreTriggers({ db }, triggers);
      return moved;
    });
  } finally {
    db.close();
  }
}

function hasItsId(other: Table | undefined, { hasIntegerKey, kind, key }: Table): boolean {
  return (
    hasIntegerKey && kind === 'table' && other?.hasIntegerKey === true && other.key[0] === key[0]
  );
}

function moveRows(db: Database, table: Table, children: readonly Table[]): Renumbered[] {
  const key = table.key[0] ?? '';
  const name = quoteName(table.name);
  const isClash = `${cell('l', key)} NOT IN (SELECT ${quoteName(key)} FROM origin.${name})`;
  const columns = table.columns.filter(({ isGenerated }) => !isGenerated);
  const body = columns.map((column) => column.name).filter((column) => column !== key);
  const known = new Set(db.columnsOf(`SELECT * FROM base.${name}`));
  const isSame = body.every((column) => known.has(column)) ? sameRow('l', 'b', body) : '0';
  const clashes = db.all(`SELECT CAST(${cell('l', key)} AS TEXT) AS id, ${isSame} AS same
    FROM main.${name} AS l JOIN base.${name} AS b ON ${cell('b', key)} = ${cell('l', key)}
    WHERE ${isClash} ORDER BY ${cell('l', key)}`);
  return clashes.flatMap((row) => {
    const id = String(row['id']);
    if (row['same'] === 1) {
      db.exec(`DELETE FROM main.${name} WHERE ${quoteName(key)} = ${id}`);
      return [];
    }
    const newId = freeId(db, table);
    db.exec(`UPDATE main.${name} SET ${quoteName(key)} = ${newId} WHERE ${quoteName(key)} = ${id}`);
    for (const child of children) follow(db, child, { parent: table, id, newId });
    return [{ table: table.name, id, newId }];
  });
}

/** Above every id that stands or was given out in any of the three; where there is none above, the lowest gap. */
function freeId(db: Database, { name, key, isAutoincrement }: Table): string {
  const schemas = ['main', 'base', 'origin'];
  const id = quoteName(key[0] ?? '');
  const known = schemas.flatMap((schema) => [
    `SELECT ${id} AS n FROM ${schema}.${quoteName(name)}`,
    ...(isAutoincrement
      ? [`SELECT seq FROM ${schema}.sqlite_sequence WHERE name = ${quoteText(name)} COLLATE NOCASE`]
      : []),
  ]);
  const free = db.texts(`WITH known(n) AS MATERIALIZED (${known.join(' UNION ALL ')}),
      top(n) AS (SELECT max(n) FROM known)
    SELECT CAST(CASE WHEN (SELECT n FROM top) < 9223372036854775807 THEN (SELECT n FROM top) + 1
      ELSE (SELECT min(k.n) + 1 FROM known AS k
        WHERE k.n > 0 AND k.n < 9223372036854775807 AND k.n + 1 NOT IN (SELECT n FROM known)) END AS TEXT)`)[0];
  if (free === undefined) throw new TypeError(`${name} has no free id`);
  return free;
}

function follow(
  db: Database,
  child: Table,
  { parent, id, newId }: { readonly parent: Table; readonly id: string; readonly newId: string },
): void {
  for (const reference of child.foreignKeys) {
    const { columns, parentColumns } = reference;
    const isToKey = parentColumns.length === 0 || parentColumns[0] === parent.key[0];
    if (reference.parent !== parent.name || columns.length !== 1 || !isToKey) continue;
    const column = quoteName(columns[0] ?? '');
    db.exec(
      `UPDATE main.${quoteName(child.name)} SET ${column} = ${newId} WHERE ${column} = ${id}`,
    );
  }
}
