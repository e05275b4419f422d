import { Database } from '../../../sqlite/database.ts';
import { quoteName } from '../../../sqlite/names.ts';
import { readTables } from '../../../sqlite/schema.ts';
import { isSameName, spellingOf } from '../../../sqlite/spelling.ts';
import { cell, cells, nameList, sameKey } from '../compare.ts';
import { sourcesOf, type RowSource } from './heal-sources.ts';
import { ownColumnIn, type OwnColumn } from './parked-names.ts';
import { countDamage, parkedTables, type ParkedTable } from './refused-damage.ts';
import { restoreTriggers, takeTriggers } from '../triggers.ts';
import type { Lenses, Shape, TableLens } from '../view.ts';

export interface HealFiles {
  /** The state that a rollback displaced: with the damage that it refused to carry. Only read. */
  readonly displaced: string;
  /** The state right after the upgrade: without it. Only read. */
  readonly after: string;
  /** What that rollback parked. Only read. */
  readonly parked: string;
  /** Made, where there was damage; nothing is there yet. */
  readonly healed: string;
}

export interface Healed {
  readonly rowCount: number;
  readonly cellCount: number;
  /** Rows and cells that could not come back: their place is taken, or nothing tells where they stood. */
  readonly leftCount: number;
}

/**
 * Undoes damage that a rollback refused to carry, before the displaced state becomes the base of a return: rows that
 * were gone and cells that were emptied or overwritten stand as right after the upgrade. Null, with nothing made, where
 * none was refused. A crash leaves an unfinished file.
 */
export async function healDisplaced(files: HealFiles, lenses: Lenses): Promise<Healed | null> {
  using parked = Database.open(files.parked, { readOnly: true });
  if (countDamage(parked).length === 0) return null;
  {
    using displaced = Database.open(files.displaced, { readOnly: true });
    await displaced.copyTo(files.healed);
  }
  using db = Database.open(files.healed);
  const mode = db.texts('PRAGMA main.journal_mode')[0] ?? 'delete';
  db.exec('PRAGMA main.journal_mode = DELETE; PRAGMA main.synchronous = OFF');
  db.attach('after', files.after, { readOnly: true });
  db.attach('parked', files.parked, { readOnly: true });
  const healed = db.transaction(() => heal(db, lenses));
  db.detach('after');
  db.detach('parked');
  db.exec(`PRAGMA main.journal_mode = ${mode}`);
  return healed;
}

interface Healing {
  readonly db: Database;
  /** Of the displaced state, tables of one name and columns that `after` has as well. */
  readonly shape: Shape;
  /** Tables that the older release has: what they lost is listed by themselves. */
  readonly known: ReadonlySet<string>;
}

function heal(db: Database, lenses: Lenses): Healed {
  const triggers = takeTriggers({ db });
  const shape = readTables(db, 'main');
  const spelling = spellingOf(shape);
  const tables = parkedTables(db, 'parked').map(({ name, key }) => {
    return { name: spelling.table(name), key: key.map((column) => spelling.column(name, column)) };
  });
  const known = new Set(tables.map(({ name }) => name));
  const healing: Healing = { db, shape, known };
  const before = totalRows(healing);
  let [cellCount, leftCount] = [0, 0];
  for (const table of tables) {
    const sources = sourcesOf(db, shape, { table, lens: lensFor(table, lenses) });
    leftCount += restoreRows(healing, table, sources.row);
    const cellsOf = restoreCells(healing, table, sources);
    cellCount += cellsOf.restored;
    leftCount += cellsOf.left;
  }
  restoreOwned(healing);
  dropDangling(healing);
  restoreTriggers({ db }, triggers);
  return { rowCount: totalRows(healing) - before, cellCount, leftCount };
}

function lensFor({ name }: ParkedTable, lenses: Lenses): TableLens {
  return Object.entries(lenses).find(([table]) => isSameName(table, name))?.[1] ?? {};
}

const restoredOf = (table: string): string => `temp.${quoteName(`restored:${table}`)}`;

function totalRows({ db, shape }: Healing): number {
  return [...shape.values()]
    .filter(({ kind }) => kind === 'table')
    .reduce((sum, { name }) => sum + db.count(`SELECT count(*) FROM main.${quoteName(name)}`), 0);
}

function indexRestored(db: Database, table: string, key: readonly string[]): void {
  const index = quoteName(`key of restored:${table}`);
  db.exec(
    `CREATE INDEX IF NOT EXISTS temp.${index} ON ${quoteName(`restored:${table}`)} (${nameList(key)})`,
  );
}

/** Returns how many could not come back. A row whose unique values are taken stays away. */
function restoreRows({ db, shape }: Healing, table: ParkedTable, source: RowSource | null): number {
  const parked = `rows:${table.name}`;
  const own = (column: OwnColumn): string =>
    ownColumnIn(db, { schema: 'parked', table: parked }, column);
  const lost = `parked.${quoteName(parked)} AS p WHERE p.${own('act')} = 'delete' AND p.${own('why')} = 'damage'`;
  const home = source === null ? undefined : shape.get(source.table);
  if (source === null || home === undefined) return db.count(`SELECT count(*) FROM ${lost}`);
  const columns = home.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
  const name = quoteName(home.name);
  const isLost = `EXISTS (SELECT 1 FROM ${lost} AND ${keyMatch('a', source.key, { alias: 'p', columns: table.key })})`;
  db.exec(`CREATE TABLE ${restoredOf(home.name)} AS SELECT ${cells('a', source.key)} FROM after.${name} AS a
    WHERE ${isLost} AND NOT EXISTS (SELECT 1 FROM main.${name} AS m WHERE ${sameKey('m', 'a', source.key)})`);
  indexRestored(db, home.name, source.key);
  const wanted = db.count(`SELECT count(*) FROM ${restoredOf(home.name)}`);
  const restored = db.change(`INSERT OR IGNORE INTO main.${name} (${nameList(columns)})
    SELECT ${cells('a', columns)} FROM ${restoredOf(home.name)} AS r JOIN after.${name} AS a ON ${sameKey('a', 'r', source.key)}`);
  return wanted - restored;
}

function restoreCells(
  { db }: Healing,
  table: ParkedTable,
  sources: ReturnType<typeof sourcesOf>,
): { readonly restored: number; readonly left: number } {
  const parked = `cells:${table.name}`;
  const lost = `parked.${quoteName(parked)}`;
  const own = (column: OwnColumn): string =>
    ownColumnIn(db, { schema: 'parked', table: parked }, column);
  const [why, changed] = [own('why'), own('column')];
  let [restored, left] = [0, 0];
  for (const row of db.all(
    `SELECT ${changed} AS name, count(*) AS count FROM ${lost} WHERE ${why} = 'damage' GROUP BY 1`,
  )) {
    const places = sources.cell(String(row['name']));
    const isLost = (source: RowSource): string => `EXISTS (SELECT 1 FROM ${lost} AS p
      WHERE p.${why} = 'damage' AND p.${changed} = ? AND ${keyMatch('m', source.key, { alias: 'p', columns: table.key })})`;
    const counts = places.map(({ source, columns }) => {
      const name = quoteName(source.table);
      return db.change(
        `UPDATE OR IGNORE main.${name} AS m SET ${columns.map((column) => `${quoteName(column)} = ${cell('a', column)}`).join(', ')}
         FROM after.${name} AS a WHERE ${isLost(source)} AND ${sameKey('a', 'm', source.key)}`,
        String(row['name']),
      );
    });
    const done = Math.max(0, ...counts);
    restored += done;
    left += Number(row['count']) - done;
  }
  return { restored, left };
}

interface KeySide {
  readonly alias: string;
  readonly columns: readonly string[];
}

function keyMatch(alias: string, key: readonly string[], other: KeySide): string {
  return key
    .map((column, n) => {
      const [x, y] = [cell(alias, column), cell(other.alias, other.columns[n] ?? '')];
      return `${x} = ${y} COLLATE BINARY AND typeof(${x}) = typeof(${y})`;
    })
    .join(' AND ');
}

/** Rows that went with those that are back now, in tables that only the newer release has. */
function restoreOwned({ db, shape, known }: Healing): void {
  const done = new Set<string>();
  const restored = (table: string): boolean =>
    db.count('SELECT count(*) FROM temp.sqlite_schema WHERE name = ?', `restored:${table}`) > 0;
  for (let isNew = true; isNew;) {
    isNew = false;
    for (const table of shape.values()) {
      if (table.kind !== 'table' || known.has(table.name) || table.key.length === 0) continue;
      for (const { parent, columns, parentColumns, onDelete } of table.foreignKeys) {
        const link = `${table.name}\n${columns.join('\n')}`;
        if (onDelete !== 'CASCADE' || done.has(link) || !restored(parent)) continue;
        const owner = parentColumns.length > 0 ? parentColumns : (shape.get(parent)?.key ?? []);
        const name = quoteName(table.name);
        const all = nameList(
          table.columns.filter(({ isGenerated }) => !isGenerated).map((column) => column.name),
        );
        const from = `FROM after.${name} AS a WHERE EXISTS (SELECT 1 FROM ${restoredOf(parent)} AS r
            WHERE ${keyMatch('a', columns, { alias: 'r', columns: owner })})
          AND NOT EXISTS (SELECT 1 FROM main.${name} AS m WHERE ${sameKey('m', 'a', table.key)})`;
        db.exec(`CREATE TABLE IF NOT EXISTS ${restoredOf(table.name)} AS SELECT ${cells('a', table.key)}
          FROM after.${name} AS a WHERE 0`);
        indexRestored(db, table.name, table.key);
        db.exec(`INSERT INTO ${restoredOf(table.name)} SELECT ${cells('a', table.key)} ${from}`);
        db.exec(`INSERT OR IGNORE INTO main.${name} (${all}) SELECT ${all} ${from}`);
        done.add(link);
        isNew = true;
      }
    }
  }
}

/** A row that is back and references what is not goes again. */
function dropDangling({ db, shape }: Healing): void {
  for (let isDone = false; !isDone;) {
    isDone = true;
    for (const table of shape.values()) {
      const restored = restoredOf(table.name);
      if (
        db.count(
          'SELECT count(*) FROM temp.sqlite_schema WHERE name = ?',
          `restored:${table.name}`,
        ) === 0
      )
        continue;
      for (const { parent, columns, parentColumns } of table.foreignKeys) {
        const owner = parentColumns.length > 0 ? parentColumns : (shape.get(parent)?.key ?? []);
        const isSet = columns.map((column) => `${cell('m', column)} IS NOT NULL`).join(' AND ');
        const match = columns
          .map((column, n) => `${cell('x', owner[n] ?? '')} = ${cell('m', column)}`)
          .join(' AND ');
        const gone = db.change(`DELETE FROM main.${quoteName(table.name)} AS m
          WHERE EXISTS (SELECT 1 FROM ${restored} AS r WHERE ${sameKey('r', 'm', table.key)})
            AND ${isSet} AND NOT EXISTS (SELECT 1 FROM main.${quoteName(parent)} AS x WHERE ${match})`);
        if (gone > 0) isDone = false;
      }
    }
  }
}
