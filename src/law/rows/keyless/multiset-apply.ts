import { isConstraintError } from '../../../sqlite/database.ts';
import { quoteName, quoteText } from '../../../sqlite/names.ts';
import type { CarriedCount, ParkReason } from '../../place.ts';
import { baseOf, originOf, parkedRowsOf, resultOf, type Bench } from '../bench.ts';
import { cells, nameList } from '../compare.ts';
import { refusalOf } from '../conflict.ts';
import { limitOf, suspicionOf, type Damage, type Suspicion } from '../damage.ts';
import { differenceOf, findDifference, rowImage } from './multiset.ts';
import type { Discrepancy } from '../proof/reconcile.ts';
import type { RuleSources } from '../rules.ts';
import { rowidNameOf } from '../stored.ts';
import type { MergeTerms } from '../terms.ts';
import type { View } from '../view.ts';

/** What was done to one table without a key. */
export interface LooseMerged {
  readonly carried: CarriedCount;
  readonly damage: Damage & { readonly parked: Suspicion };
  readonly discrepancies: readonly Discrepancy[];
}

/**
 * Adds to the result the rows that users added and takes out those that they removed, each as often. A changed row is
 * one of each. What the old shape refuses is parked, as is everything where the upgrade rewrote the table.
 */
export function mergeLoose(
  bench: Bench,
  view: View,
  { terms, findings }: { readonly terms: MergeTerms } & Pick<RuleSources, 'findings'>,
): LooseMerged {
  findDifference(bench, view);
  makeWorkingTables(bench, view);
  const why = reasonToPark(bench, view, { findings, decisions: terms.decisions });
  const found = damageOf(bench, view);
  const suspicion = suspicionOf(found, limitOf(view.table.name, terms));
  const isLost = bench.direction === 'back' && suspicion.deleted;
  if (why !== null) parkDifference(bench, view, { why, which: '"backstep times" <> 0' });
  else if (isLost) parkDifference(bench, view, { why: 'damage', which: '"backstep times" < 0' });
  const deleted = why === null && !isLost ? takeOut(bench, view) : 0;
  const inserted = why === null ? putIn(bench, view) : 0;
  const parked = { deleted: isLost, emptied: false, overwritten: false };
  return {
    carried: { inserted, updated: 0, deleted },
    damage: { ...found, parked },
    discrepancies: reconcileLoose(bench, view),
  };
}

const copiesOf = (view: View): string => `scratch.${quoteName(`copies:${view.table.name}`)}`;
const takenOf = (view: View): string => `scratch.${quoteName(`taken:${view.table.name}`)}`;

/** One row a copy that is to be added, so that each can be refused by itself; the images that were taken out. */
function makeWorkingTables({ db }: Bench, view: View): void {
  const names = nameList(view.columns);
  db.exec(
    `CREATE TABLE ${parkedRowsOf(view)} ("backstep act", "backstep why", "backstep detail", ${names})`,
  );
  db.exec(`CREATE TABLE ${takenOf(view)} (image TEXT)`);
  db.exec(
    `CREATE TABLE ${copiesOf(view)} ("backstep id" INTEGER PRIMARY KEY, "backstep refused", "backstep image" TEXT, ${names})`,
  );
  db.exec(`INSERT INTO ${copiesOf(view)} ("backstep image", ${names})
    WITH RECURSIVE copies(image, rest) AS (SELECT "backstep image", "backstep times" FROM ${differenceOf(view)} WHERE "backstep times" > 0
      UNION ALL SELECT image, rest - 1 FROM copies WHERE rest > 1)
    SELECT d."backstep image", ${cells('d', view.columns)} FROM copies AS c JOIN ${differenceOf(view)} AS d ON d."backstep image" = c.image`);
}

function damageOf({ db }: Bench, view: View): Damage {
  return {
    rows: db.count(`SELECT count(*) FROM ${originOf(view)}`),
    deleted: db.count(
      `SELECT coalesce(-sum("backstep times"), 0) FROM ${differenceOf(view)} WHERE "backstep times" < 0`,
    ),
    emptied: 0,
    overwritten: 0,
  };
}

/** Null where users' changes can be carried. */
export function reasonToPark(
  { direction }: Pick<Bench, 'direction'>,
  view: View,
  { findings, decisions }: RuleSources,
): ParkReason | null {
  const place = view.table.name;
  const faith = findings.find((finding) => finding.place === place)?.faith;
  if (direction === 'forth' || faith === undefined || faith === 'faithful') return null;
  const choice = decisions.find((decision) => decision.place === place)?.choice;
  if (choice === 'as-is') return null;
  if (faith !== 'unproven') return 'rewritten';
  const isAlike = view.isWritten || view.columns.every((column) => view.plainColumns.has(column));
  return isAlike && choice === undefined ? null : 'unproven';
}

interface Parking {
  readonly why: ParkReason;
  /** Which images. */
  readonly which: string;
}

/** One row a copy that came or went. */
function parkDifference({ db }: Bench, view: View, { why, which }: Parking): void {
  const names = nameList(view.columns);
  db.exec(`INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", ${names})
    WITH RECURSIVE copies(image, rest) AS (SELECT "backstep image", abs("backstep times") FROM ${differenceOf(view)} WHERE ${which}
      UNION ALL SELECT image, rest - 1 FROM copies WHERE rest > 1)
    SELECT iif(d."backstep times" > 0, 'insert', 'delete'), ${quoteText(why)}, ${cells('d', view.columns)}
    FROM copies AS c JOIN ${differenceOf(view)} AS d ON d."backstep image" = c.image`);
  if (which === '"backstep times" <> 0') db.exec(`DELETE FROM ${copiesOf(view)}`);
}

/** Returns how many rows went; one that base does not have came with the upgrade, and is not there. */
function takeOut({ db }: Bench, view: View): number {
  const rowid = rowidNameOf(view.table) ?? '';
  db.exec(`INSERT INTO ${takenOf(view)} SELECT image FROM (
    SELECT d."backstep image" AS image, d."backstep times" AS times, row_number() OVER (PARTITION BY d."backstep image" ORDER BY t.${rowid} DESC) AS nth
    FROM ${resultOf(view)} AS t CROSS JOIN ${differenceOf(view)} AS d
      ON d."backstep image" = ${rowImage('t', view.columns)} AND d."backstep times" < 0) WHERE nth <= -times`);
  return db.change(`DELETE FROM ${resultOf(view)} WHERE ${rowid} IN (
    SELECT id FROM (SELECT t.${rowid} AS id, d."backstep times" AS times,
        row_number() OVER (PARTITION BY d."backstep image" ORDER BY t.${rowid} DESC) AS nth
      FROM ${resultOf(view)} AS t CROSS JOIN ${differenceOf(view)} AS d
        ON d."backstep image" = ${rowImage('t', view.columns)} AND d."backstep times" < 0) WHERE nth <= -times)`);
}

/** Returns how many rows came; one that a constraint of the old shape refuses is parked. */
function putIn(bench: Bench, view: View): number {
  const { db } = bench;
  const names = nameList(view.columns);
  const insert = `INSERT INTO ${resultOf(view)} (${names}) SELECT ${names} FROM ${copiesOf(view)}`;
  db.exec('SAVEPOINT copies');
  try {
    return db.change(`${insert} ORDER BY "backstep id"`);
  } catch (error) {
    refusalOf(bench, error);
    db.exec('ROLLBACK TO copies');
    return putInOneByOne(bench, view, `${insert} WHERE "backstep id" = ?`);
  } finally {
    db.exec('RELEASE copies');
  }
}

function putInOneByOne({ db }: Bench, view: View, insert: string): number {
  const place = db.repeated(insert);
  const mark = db.repeated(
    `UPDATE ${copiesOf(view)} SET "backstep refused" = ? WHERE "backstep id" = ?`,
  );
  let count = 0;
  for (const { id } of db.all(
    `SELECT "backstep id" AS id FROM ${copiesOf(view)} ORDER BY "backstep id"`,
  )) {
    try {
      count += place(id ?? null);
    } catch (error) {
      if (!isConstraintError(error)) throw error;
      mark(error.message, id ?? null);
    }
  }
  const names = nameList(view.columns);
  db.exec(`INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", "backstep detail", ${names})
    SELECT 'insert', 'refused', "backstep refused", ${names} FROM ${copiesOf(view)} WHERE "backstep refused" IS NOT NULL`);
  db.exec(`DELETE FROM ${copiesOf(view)} WHERE "backstep refused" IS NOT NULL`);
  return count;
}

/** Every image stands in the result as often as in base, and once more or less for each copy that came or went. */
function reconcileLoose({ db }: Bench, view: View): Discrepancy[] {
  const image = (from: string, step: string): string =>
    `SELECT ${rowImage('x', view.columns)} AS image, ${step} AS step FROM ${from} AS x`;
  const count = db.count(`SELECT count(*) FROM (SELECT 1 FROM (
      ${image(resultOf(view), '1')} UNION ALL ${image(baseOf(view), '-1')}
      UNION ALL SELECT "backstep image", -1 FROM ${copiesOf(view)} UNION ALL SELECT image, 1 FROM ${takenOf(view)})
    GROUP BY image HAVING sum(step) <> 0)`);
  const unlisted = db.count(`SELECT count(*) FROM (
    SELECT image, sum(step) AS rest FROM (
      SELECT "backstep image" AS image, "backstep times" AS step FROM ${differenceOf(view)}
      UNION ALL SELECT "backstep image", -1 FROM ${copiesOf(view)} UNION ALL SELECT image, 1 FROM ${takenOf(view)}
      UNION ALL SELECT ${rowImage('p', view.columns)}, iif(p."backstep act" = 'insert', -1, 1) FROM ${parkedRowsOf(view)} AS p)
    GROUP BY image HAVING rest > 0)`);
  const place = view.table.name;
  const found: Discrepancy[] = [
    { place, what: 'row differs from base', count },
    { place, what: 'change is in neither list', count: unlisted },
  ];
  return found.filter((discrepancy) => discrepancy.count > 0);
}
