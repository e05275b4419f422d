import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { ParkReason } from '../place.ts';
import { cell, cells, nameList } from '../rows/compare.ts';
import type { CarryLimit } from '../rows/damage.ts';
import { valueImage } from '../rows/keyless/multiset.ts';
import { rowidNameOf } from '../rows/stored.ts';
import type { View } from '../rows/view.ts';
import { inState, own, working, workOf } from './names.ts';
import { refusal } from './place.ts';
import { requirement } from './requirement.ts';

export interface LooseTerms {
  /** Null where what users did can be carried. */
  readonly why: ParkReason | null;
  readonly carryLimit: CarryLimit;
}

interface LooseWork {
  readonly difference: string;
  readonly copies: string;
  readonly taken: string;
  readonly isLost: string;
}

/** The working tables of one table without a key. */
export function looseWorkOf({ table }: View): LooseWork {
  return {
    difference: working('difference', table.name),
    copies: working('copies', table.name),
    taken: working('taken', table.name),
    isLost: working('is lost', table.name),
  };
}

/** A row as text in SQL, every value with its type and all of its bytes; no deeper than SQLite takes it. */
export function rowText(alias: string, columns: readonly string[]): string {
  let parts = columns.map((column) => valueImage(cell(alias, column)));
  while (parts.length > 1) {
    parts = parts.flatMap((part, n) =>
      n % 2 === 1
        ? []
        : [parts[n + 1] === undefined ? part : `(${part} || '|' || ${parts[n + 1]})`],
    );
  }
  return parts[0] ?? `''`;
}

/** Row texts of two sources side by side, with `times` how much oftener each stands in the first; equal ones left out. */
export function textsApart(columns: readonly string[], first: string, second: string): string {
  const side = (from: string, step: string): string =>
    `SELECT ${rowText('x', columns)} AS ${own.image}, ${step} AS ${own.step}, ${cells('x', columns)} FROM ${from} AS x`;
  return `SELECT ${own.image}, sum(${own.step}) AS ${own.times}, ${nameList(columns)}
    FROM (${side(first, '1')} UNION ALL ${side(second, '-1')}) GROUP BY ${own.image} HAVING sum(${own.step}) <> 0`;
}

/**
 * Statements that merge a table whose rows nothing identifies: what users added is added and what they removed taken
 * out, each as often; a changed row is one of each.
 */
export function looseStatements(view: View, terms: LooseTerms): readonly string[] {
  const { after, now, rows } = workOf(view);
  const { difference, copies, taken, isLost } = looseWorkOf(view);
  const names = nameList(view.columns);
  const lost = `SELECT coalesce(-sum(${own.times}), 0) FROM ${difference} WHERE ${own.times} < 0`;
  const { carryLimit } = terms;
  const isSuspected = `(${lost}) > ${carryLimit.rows} AND (${lost}) > ${carryLimit.share} * (SELECT count(*) FROM ${after})`;
  return [
    `CREATE TEMP VIEW ${after} AS ${view.selectFrom('after')}`,
    `CREATE TEMP VIEW ${now} AS ${view.selectFrom('now')}`,
    `CREATE TEMP TABLE ${difference} (${own.image} TEXT PRIMARY KEY, ${own.times} INTEGER, ${names})`,
    `INSERT INTO ${difference} ${textsApart(view.columns, now, after)}`,
    `CREATE TEMP TABLE ${isLost} AS SELECT ${carryLimit.unattended === 'carry' ? '0' : isSuspected} AS is_lost`,
    `CREATE TEMP TABLE ${rows} (${own.act}, ${own.why}, ${own.detail}, ${names})`,
    `CREATE TEMP TABLE ${taken} (image TEXT)`,
    `CREATE TEMP TABLE ${copies} (${own.id} INTEGER PRIMARY KEY, ${own.refused}, ${own.image} TEXT, ${names})`,
    ...(terms.why === null
      ? carryDifference(view)
      : [parkDifference(view, terms.why, `d.${own.times} <> 0`)]),
    ...proof(view),
  ];
}

function carryDifference(view: View): readonly string[] {
  const { isLost, difference, copies } = looseWorkOf(view);
  const names = nameList(view.columns);
  return [
    parkDifference(view, 'damage', `d.${own.times} < 0 AND (SELECT is_lost FROM ${isLost})`),
    ...takeOut(view),
    `INSERT INTO ${copies} (${own.refused}, ${own.image}, ${names}) ${copiesOf(difference, `d.${own.times} > 0`)}
      SELECT 0, d.${own.image}, ${cells('d', view.columns)} FROM copies AS c JOIN ${difference} AS d ON d.${own.image} = c.image`,
    ...putIn(view),
  ];
}

/** One row a copy of the images that `which` picks (alias d). */
function copiesOf(difference: string, which: string): string {
  return `WITH RECURSIVE copies(image, rest) AS (SELECT d.${own.image}, abs(d.${own.times}) FROM ${difference} AS d WHERE ${which}
    UNION ALL SELECT image, rest - 1 FROM copies WHERE rest > 1)`;
}

function parkDifference(view: View, why: ParkReason, which: string): string {
  const { difference } = looseWorkOf(view);
  return `INSERT INTO ${workOf(view).rows} (${own.act}, ${own.why}, ${nameList(view.columns)}) ${copiesOf(difference, which)}
    SELECT iif(d.${own.times} > 0, 'insert', 'delete'), ${quoteText(why)}, ${cells('d', view.columns)}
    FROM copies AS c JOIN ${difference} AS d ON d.${own.image} = c.image`;
}

/** One that base does not have came with the upgrade, and is not there. */
function takeOut(view: View): readonly string[] {
  const { difference, taken, isLost } = looseWorkOf(view);
  const rowid = rowidNameOf(view.table) ?? 'rowid';
  const ids = working('rowids taken', view.table.name);
  const live = inState('main', view.table.name);
  return [
    `CREATE TEMP TABLE ${ids} AS SELECT id, image FROM (
      SELECT t.${rowid} AS id, d.${own.image} AS image, d.${own.times} AS times,
        row_number() OVER (PARTITION BY d.${own.image} ORDER BY t.${rowid} DESC) AS nth
      FROM ${live} AS t CROSS JOIN ${difference} AS d ON d.${own.image} = ${rowText('t', view.columns)} AND d.${own.times} < 0)
      WHERE nth <= -times AND NOT (SELECT is_lost FROM ${isLost})`,
    `INSERT INTO ${taken} SELECT image FROM ${ids}`,
    `DELETE FROM ${live} WHERE ${rowid} IN (SELECT id FROM ${ids})`,
  ];
}

/** Copies go in one by one, by a trigger, so that each can be refused by itself. */
function putIn(view: View): readonly string[] {
  const { copies } = looseWorkOf(view);
  const { rounds, rows } = workOf(view);
  const names = nameList(view.columns);
  const live = quoteName(view.table.name);
  return [
    `CREATE TEMP TABLE ${rounds} (n)`,
    `CREATE TEMP TRIGGER ${working('copy of', view.table.name)} AFTER INSERT ON ${rounds} BEGIN
      INSERT OR IGNORE INTO ${live} (${names}) SELECT ${cells('c', view.columns)} FROM ${copies} AS c WHERE c.${own.id} = NEW.n;
      UPDATE ${copies} SET ${own.refused} = 1 WHERE ${own.id} = NEW.n AND changes() = 0;\nEND`,
    `INSERT INTO ${rounds} SELECT ${own.id} FROM ${copies} ORDER BY ${own.id}`,
    `INSERT INTO ${rows} (${own.act}, ${own.why}, ${own.detail}, ${names})
      SELECT 'insert', 'refused', ${quoteText(refusal)}, ${cells('c', view.columns)} FROM ${copies} AS c WHERE c.${own.refused}`,
    `DELETE FROM ${copies} WHERE ${own.refused}`,
  ];
}

/** Every image stands as often as before, and once more or less for each copy; what came is added or parked. */
function proof(view: View): readonly string[] {
  const { difference, copies, taken } = looseWorkOf(view);
  const image = (from: string, step: string): string =>
    `SELECT ${rowText('x', view.columns)} AS image, ${step} AS step FROM ${from} AS x`;
  const [live, before] = [inState('main', view.table.name), inState('before', view.table.name)];
  return [
    ...requirement(
      `${view.table.name}: nobody else's row differs from before`,
      `NOT EXISTS (SELECT 1 FROM (${image(live, '1')} UNION ALL ${image(before, '-1')}
        UNION ALL SELECT ${own.image}, -1 FROM ${copies} UNION ALL SELECT image, 1 FROM ${taken})
        GROUP BY image HAVING sum(step) <> 0)`,
    ),
    ...requirement(
      `${view.table.name}: every change is carried or parked`,
      `NOT EXISTS (SELECT 1 FROM (SELECT ${own.image} AS image, ${own.times} AS step FROM ${difference}
        UNION ALL SELECT ${own.image}, -1 FROM ${copies} UNION ALL SELECT image, 1 FROM ${taken}
        UNION ALL SELECT ${rowText('p', view.columns)}, iif(p.${own.act} = 'insert', -1, 1) FROM ${workOf(view).rows} AS p)
        GROUP BY image HAVING sum(step) > 0)`,
    ),
  ];
}
