import { Database } from '../../../sqlite/database.ts';
import { quoteName } from '../../../sqlite/names.ts';
import type { ParkedCount } from '../../place.ts';
import { ownColumnIn, type OwnColumn } from './parked-names.ts';

/** A table of the older release in a file of parked values, and the columns that tell its rows apart. */
export interface ParkedTable {
  readonly name: string;
  readonly key: readonly string[];
}

/** The tables of which a rollback may have parked damage: those that both releases have. */
export function parkedTables(db: Database, schema: string): readonly ParkedTable[] {
  const prefix = 'cells:';
  return db
    .texts(`SELECT name FROM ${schema}.sqlite_schema WHERE type = 'table' ORDER BY name`)
    .filter((name) => name.startsWith(prefix))
    .map((name) => {
      const columns = db.texts(`SELECT name FROM pragma_table_info(?, ?)`, name, schema);
      return { name: name.slice(prefix.length), key: columns.slice(0, -ownColumns) };
    });
}

/** `column`, `value`, `kept`, `why`, `detail` stand after the key. */
const ownColumns = 5;

/** Damage that a rollback refused, by place. `db` is its file of parked values. */
export function countDamage(db: Database): readonly ParkedCount[] {
  return parkedTables(db, 'main').flatMap(({ name }) => {
    const [parkedRows, parkedCells] = [`rows:${name}`, `cells:${name}`];
    const own = (table: string, column: OwnColumn): string =>
      ownColumnIn(db, { schema: 'main', table }, column);
    const rows = db.count(`SELECT count(*) FROM ${quoteName(parkedRows)}
      WHERE ${own(parkedRows, 'why')} = 'damage'`);
    const inCells = db.all(`SELECT ${own(parkedCells, 'column')} AS name, count(*) AS count
      FROM ${quoteName(parkedCells)} WHERE ${own(parkedCells, 'why')} = 'damage'
      GROUP BY 1 ORDER BY 1`);
    return [
      ...inCells.map((row) => ({
        what: `${name}.${String(row['name'])}`,
        count: Number(row['count']),
      })),
      ...(rows > 0 ? [{ what: name, count: rows }] : []),
    ].map((found) => ({ ...found, why: 'damage' as const }));
  });
}

/**
 * Takes the damage that a rollback refused over into the parked values of the return that did not restore it, which
 * are made where they are not there. Returns what was taken over, by place.
 */
export function keepDamageListed(from: string, to: string): readonly ParkedCount[] {
  using source = Database.open(from, { readOnly: true });
  const listed = countDamage(source);
  using db = Database.open(to);
  db.attach('refused', from, { readOnly: true });
  db.transaction(() => {
    for (const { name } of parkedTables(db, 'refused')) {
      for (const kind of ['rows', 'cells']) {
        const table = `${kind}:${name}`;
        const copy = quoteName(`refused ${table}`);
        const why = ownColumnIn(db, { schema: 'refused', table }, 'why');
        db.exec(
          `CREATE TABLE ${copy} AS SELECT * FROM refused.${quoteName(table)} WHERE ${why} = 'damage'`,
        );
      }
    }
  });
  db.detach('refused');
  return listed;
}
