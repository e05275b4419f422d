import { isConstraintError, isSqliteError } from '../../../sqlite/database.ts';
import { quoteName } from '../../../sqlite/names.ts';
import { bodyOf, deltaOf, imageOf, parkedRowsOf, resultOf, type Bench } from '../bench.ts';
import { allOf, cell, cells, nameList, sameKey, sameMeaning } from '../compare.ts';
import { parkRefused } from '../apply.ts';
import type { View } from '../view.ts';

/** How often a table's changes are played anew without those that were refused. */
const maxRounds = 1_000;

/** Why a change is parked that the triggers took and the view does not show. */
const notShown = 'the triggers do not lead it into the new state';

/**
 * Writes the images of split tables through their triggers: deletions, children first; then rows, parents first. What
 * a constraint or a trigger refuses, and what `select` does not show afterwards, is parked.
 */
export function playImages(bench: Bench, views: readonly View[]): void {
  for (const view of views) prepare(bench, view);
  for (const view of views.toReversed()) playAct(bench, view, deletion);
  for (const view of views) playAct(bench, view, placing);
  for (const view of views) {
    parkRefusedDeletions(bench, view);
    parkRefused(bench, view);
  }
}

/** One kind of change of a split table (t its view, i the image). */
interface Act {
  /** Which images it is about. */
  readonly which: string;
  play(bench: Bench, view: View, which: string): void;
  /** Of the images that were played: those of which the view tells something else. */
  stray(view: View): string;
}

const deletion: Act = {
  which: `"backstep act" IN ('delete', 'replace')`,
  play: ({ db }, view, which) => {
    // SQLite does not know a view by another name in a DELETE.
    const name = quoteName(`result:${view.table.name}`);
    db.exec(`DELETE FROM ${resultOf(view)} WHERE EXISTS (
      SELECT 1 FROM ${imageOf(view)} AS i WHERE ${which} AND ${sameKey(name, 'i', view.key)})`);
  },
  stray: (view) =>
    `EXISTS (SELECT 1 FROM ${resultOf(view)} AS t WHERE ${sameKey('t', 'i', view.key)})`,
};

const placing: Act = {
  which: `"backstep act" IN ('insert', 'replace', 'update')`,
  play: ({ db }, view, which) => {
    const body = bodyOf(view);
    const settings = body.map((column) => `${quoteName(column)} = ${cell('i', column)}`);
    if (body.length > 0) {
      db.exec(`UPDATE ${resultOf(view)} AS t SET ${settings.join(', ')} FROM ${imageOf(view)} AS i
        WHERE ${which} AND i."backstep act" = 'update' AND ${sameKey('t', 'i', view.key)}`);
    }
    const names = nameList(view.columns);
    db.exec(`INSERT INTO ${resultOf(view)} (${names}) SELECT ${names} FROM ${imageOf(view)} AS i
      WHERE ${which} AND i."backstep act" <> 'update' ORDER BY i.rowid`);
  },
  stray: (view) => {
    const shown = bodyOf(view).map((column) => sameMeaning(cell('t', column), cell('i', column)));
    return `NOT EXISTS (SELECT 1 FROM ${resultOf(view)} AS t
      WHERE ${sameKey('t', 'i', view.key)} AND ${allOf(shown)})`;
  },
};

function prepare({ db }: Bench, view: View): void {
  const key = nameList(view.key);
  db.exec(`ALTER TABLE ${imageOf(view)} ADD COLUMN "backstep refused"`);
  db.exec(`INSERT INTO ${imageOf(view)} ("backstep act", ${key})
    SELECT "backstep act", ${key} FROM ${deltaOf(view)} WHERE "backstep act" = 'delete'`);
}

type Refusals = ReadonlyMap<string, string>;

function playAct(bench: Bench, view: View, act: Act): void {
  const { db } = bench;
  for (let round = 0; round < maxRounds; round++) {
    db.exec('SAVEPOINT played');
    const refusals = playRound(bench, view, act);
    if (refusals.size === 0) {
      db.exec('RELEASE played');
      return;
    }
    db.exec('ROLLBACK TO played');
    db.exec('RELEASE played');
    const mark = db.repeated(
      `UPDATE ${imageOf(view)} SET "backstep refused" = ? WHERE rowid = CAST(? AS INTEGER)`,
    );
    for (const [id, why] of refusals) mark(why, id);
  }
  throw new Error(`${view.table.name}: the triggers refuse something else each time`);
}

/** What was refused, by the rowid of its image; nothing where all of it was played and is shown. */
function playRound(bench: Bench, view: View, act: Act): Refusals {
  const { db } = bench;
  const pending = `${act.which} AND "backstep refused" IS NULL`;
  db.exec('SAVEPOINT whole');
  try {
    act.play(bench, view, pending);
    db.exec('RELEASE whole');
  } catch (error) {
    db.exec('ROLLBACK TO whole');
    db.exec('RELEASE whole');
    if (!isConstraintError(error)) throw error;
    const refusals = playOneByOne(bench, view, act);
    if (refusals.size > 0) return refusals;
  }
  const strays = db.texts(`SELECT CAST(i.rowid AS TEXT) FROM ${imageOf(view)} AS i
    WHERE ${pending} AND ${act.stray(view)}`);
  return new Map(strays.map((id) => [id, notShown]));
}

/** Again and again as long as something gets through, since a row may make way for another. */
function playOneByOne(bench: Bench, view: View, act: Act): Refusals {
  const { db } = bench;
  let pending = db.texts(`SELECT CAST(rowid AS TEXT) FROM ${imageOf(view)}
    WHERE ${act.which} AND "backstep refused" IS NULL ORDER BY rowid`);
  for (;;) {
    const refusals = new Map<string, string>();
    for (const id of pending) {
      const refusal = playOne(bench, view, { act, id });
      if (refusal !== null) refusals.set(id, refusal);
    }
    if (refusals.size === 0) return refusals;
    if (refusals.size === pending.length) return breakRing(bench, view, { act, refusals });
    pending = [...refusals.keys()];
  }
}

/** What a value that has to make way is meanwhile: nothing, or a text that nobody has. */
const placeholders = ['NULL', `'making way ' || i.rowid || ' ' || hex(randomblob(8))`];

/**
 * Rows that exchange unique values in a ring: none can be written first, so all give the value up and then take the new
 * one. Only a ring that is written as a whole stays; returns what is refused nevertheless.
 */
function breakRing(
  bench: Bench,
  view: View,
  { act, refusals }: { readonly act: Act; readonly refusals: Refusals },
): Refusals {
  for (const column of bodyOf(view)) {
    for (const placeholder of placeholders) {
      const setting = `${quoteName(column)} = ${placeholder}`;
      const ring = ringOf(bench, view, { act, setting, ids: [...refusals.keys()] });
      if (ring.length > 0) return new Map([...refusals].filter(([id]) => !ring.includes(id)));
    }
  }
  return refusals;
}

interface Ring {
  readonly act: Act;
  readonly setting: string;
  readonly ids: readonly string[];
}

/** The largest part of some images that can be written once all of it gave a column up; it is written then. */
function ringOf(bench: Bench, view: View, { act, setting, ids }: Ring): readonly string[] {
  const { db } = bench;
  let ring = ids;
  while (ring.length > 1) {
    db.exec('SAVEPOINT ring');
    const refused = playRing(bench, view, { act, setting, ids: ring });
    if (refused.length > 0) db.exec('ROLLBACK TO ring');
    db.exec('RELEASE ring');
    if (refused.length === 0) return ring;
    ring = ring.filter((id) => !refused.includes(id));
  }
  return [];
}

function playRing(bench: Bench, view: View, { act, setting, ids }: Ring): readonly string[] {
  try {
    bench.db.exec(`UPDATE ${resultOf(view)} AS t SET ${setting} FROM ${imageOf(view)} AS i
      WHERE i."backstep act" = 'update' AND i.rowid IN (${ids.join(', ')}) AND ${sameKey('t', 'i', view.key)}`);
  } catch (error) {
    // A trigger may not take the placeholder at all: it is no JSON, for one.
    const isUnfit = isConstraintError(error) || (isSqliteError(error) && error.errcode === 1);
    if (!isUnfit) throw error;
    return ids;
  }
  return ids.filter((id) => playOne(bench, view, { act, id }) !== null);
}

function playOne(
  bench: Bench,
  view: View,
  { act, id }: { readonly act: Act; readonly id: string },
): string | null {
  try {
    act.play(bench, view, `i.rowid = ${id}`);
    return null;
  } catch (error) {
    if (!isConstraintError(error)) throw error;
    return error.message;
  }
}

function parkRefusedDeletions({ db }: Bench, view: View): void {
  const key = nameList(view.key);
  const refused = `FROM ${imageOf(view)} AS i WHERE i."backstep refused" IS NOT NULL AND i."backstep act" = 'delete'`;
  db.exec(`INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", "backstep detail", ${key})
    SELECT 'delete', 'refused', i."backstep refused", ${cells('i', view.key)} ${refused}`);
  db.exec(
    `DELETE FROM ${imageOf(view)} AS i WHERE i."backstep refused" IS NOT NULL AND i."backstep act" = 'delete'`,
  );
}
