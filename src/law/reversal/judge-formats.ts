import { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { readTables } from '../../sqlite/schema.ts';
import { spellingOf } from '../../sqlite/spelling.ts';
import { spelledNames } from '../rows/spelled-terms.ts';
import { viewsOf, type View } from '../rows/view.ts';
import { formatOf, newForms } from './column-format.ts';
import { maxWords, wordsIn } from './column-words.ts';
import type { ReversalFinding } from './finding.ts';
import { at, type DataPair } from './judge-data.ts';

/**
 * Compares what users of the new release store (`now`, seen as the old release would see it) with what the old one had
 * stored (`before`): words that it does not know, and values of another form. A password that is hashed anew at login
 * is equal in before and after, and shows only here.
 */
export function judgeFormats(pair: DataPair, now: string): ReversalFinding[] {
  const db = Database.open(':memory:');
  try {
    db.attach('base', pair.before, { readOnly: true });
    db.attach('latest', now, { readOnly: true });
    const wanted = readTables(db, 'base');
    const other = readTables(db, 'latest', wanted);
    const terms = spelledNames(pair.terms, spellingOf(wanted, other));
    const { views } = viewsOf({
      db,
      direction: 'back',
      wanted,
      other,
      wantedSchema: 'base',
      otherSchema: 'latest',
      lenses: terms.lenses,
      skipped: new Set(terms.bookkeeping),
    });
    return views.flatMap((view) => judgeView({ ...pair, terms }, db, view));
  } finally {
    db.close();
  }
}

function judgeView(pair: DataPair, db: Database, view: View): ReversalFinding[] {
  const seen = quoteName(`seen:${view.table.name}`);
  db.exec(`CREATE TEMP VIEW ${seen} AS ${view.selectFrom('latest')}`);
  const old = `base.${quoteName(view.table.name)}`;
  return view.columns.flatMap((column) => {
    const columns = { column, old, seen: `temp.${seen}` };
    return [...forms(pair, db, { view, ...columns }), ...words(pair, db, { view, ...columns })];
  });
}

interface Seen {
  readonly view: View;
  readonly column: string;
  /** Where the column is read from, before and now. */
  readonly old: string;
  readonly seen: string;
}

function forms(pair: DataPair, db: Database, { view, column, old, seen }: Seen): ReversalFinding[] {
  const before = formatOf(db, old, column);
  const found = [...newForms(before, formatOf(db, seen, column))];
  if (found.length === 0) return [];
  const shown = found.map(([name, count]) => `${name} (${count} rows)`).join(', ');
  const message = `${view.table.name}.${column}: ${shown}, while before all were ${[...before.keys()].join(', ')}`;
  const hint = `can the old release read that? Else decide it: decide: { ${pair.asset}.${view.table.name}.${column}: park }`;
  return [at(pair, [view.table.name, 'select'], { rule: 'format', message, hint })];
}

function words(pair: DataPair, db: Database, { view, column, old, seen }: Seen): ReversalFinding[] {
  const known = wordsIn(db, old, column);
  if (known === null || view.key.includes(column)) return [];
  const rows = db.all(
    `SELECT ${quoteName(column)} AS word, count(*) AS rows FROM ${seen}
     WHERE typeof(${quoteName(column)}) = 'text' GROUP BY 1 COLLATE BINARY LIMIT ${maxWords}`,
  );
  const named = new Set(Object.values(pair.terms.lenses[view.table.name]?.map?.[column] ?? {}));
  const strange = rows.filter(({ word }) => !known.has(String(word)) && !named.has(String(word)));
  return strange.map(({ word, rows: count }) => {
    const message = `${view.table.name}.${column}: ${String(count)} rows would hold ${JSON.stringify(word)}, which the old release has never stored`;
    const hint = 'name it in `map:`, with the word of the old release';
    return at(pair, [view.table.name, 'map', column], { rule: 'word', message, hint });
  });
}
