import { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { readTables } from '../../sqlite/schema.ts';
import { withTablesOf, type Lenses, type TableLens } from '../rows/view.ts';
import type { DataPair } from './judge-data.ts';

/**
 * The lenses with every word named that both releases store and no map speaks of: such a word stays as it is while rows
 * of it stand in the new state, and a trip that takes all rows out must not make it unknown.
 */
export function withKeptWords({ before, after, terms }: DataPair): Lenses {
  const db = Database.open(':memory:');
  try {
    db.attach('before', before, { readOnly: true });
    db.attach('after', after, { readOnly: true });
    return Object.fromEntries(
      Object.entries(terms.lenses).map(([table, lens]) => [table, keeping(db, table, lens)]),
    );
  } finally {
    db.close();
  }
}

function keeping(db: Database, table: string, lens: TableLens): TableLens {
  if (lens.map === undefined) return lens;
  const shape = readTables(db, 'after');
  const from =
    lens.select === undefined
      ? `after.${quoteName(table)}`
      : `(${withTablesOf('after', shape, lens.select)})`;
  const map = Object.entries(lens.map).map(([column, words]) => {
    const name = quoteName(column);
    const both = db.texts(
      `SELECT ${name} FROM ${from} WHERE typeof(${name}) = 'text'
       INTERSECT SELECT ${name} FROM before.${quoteName(table)} WHERE typeof(${name}) = 'text'`,
    );
    const named = new Set([...Object.keys(words), ...Object.values(words)]);
    const kept = both.filter((word) => !named.has(word)).map((word) => [word, word]);
    return [column, { ...words, ...Object.fromEntries(kept) }];
  });
  return { ...lens, map: Object.fromEntries(map) };
}
