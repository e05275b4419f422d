import { applyImages } from '../apply.ts';
import { baseOf, resultOf, storedColumnsOf, type Bench } from '../bench.ts';
import { cells, nameList, sameKey } from '../compare.ts';
import { findDelta, keepFound } from '../delta.ts';
import {
  drawImages,
  indexParkedTables,
  makeParkedTables,
  rowidAliasOf,
  type ImagePlan,
} from '../image.ts';
import type { OpenMerge } from '../opening.ts';
import { mendReferences } from '../references/references.ts';
import { rulesOf } from '../rules.ts';
import { rowidNameOf } from '../stored.ts';
import { restoreTriggers, takeTriggers } from '../triggers.ts';
import type { Finding } from '../../place.ts';
import type { View } from '../view.ts';
import { lateKeys } from './late-keys.ts';
import type { AheadMerge } from './merge-ahead.ts';

/**
 * Takes the rows under the late keys back to base and merges them anew, of base, origin and latest, into fresh working and
 * parked files. False where another row would have to change because of one of them. Throws a constraint's refusal.
 */
export function placeLate(open: OpenMerge, bench: Bench, ahead: AheadMerge): LatePlans | null {
  const { terms } = open;
  const { findings } = ahead.report;
  const plans = new Map(
    bench.views.map((view) => [view, planLate(bench, view, { open, ahead, findings })] as const),
  );
  keepFound(bench);
  const planOf = (view: View): ImagePlan => plans.get(view) ?? missingPlan(view);
  terms.enter?.('images');
  const isMended = bench.db.transaction(() => {
    const triggers = takeTriggers(bench);
    for (const view of bench.views) {
      makeParkedTables(bench, view);
      takeBack(bench, view);
    }
    for (const view of bench.views) drawImages(bench, view, planOf(view));
    for (const view of bench.views) indexParkedTables(bench, view);
    terms.enter?.('apply');
    for (const view of bench.views) applyImages(bench, view, planOf(view).changed);
    terms.enter?.('references');
    const mended = mendReferences(bench, { planOf });
    restoreTriggers(bench, triggers);
    return mended;
  });
  return isMended ? null : plans;
}

export type LatePlans = ReadonlyMap<View, ImagePlan>;

function planLate(
  bench: Bench,
  view: View,
  {
    open,
    ahead,
    findings,
  }: {
    readonly open: OpenMerge;
    readonly ahead: AheadMerge;
    readonly findings: readonly Finding[];
  },
): ImagePlan {
  const { name } = view.table;
  const { terms } = open;
  const changed = findDelta(bench, view, terms.identity[name] ?? []);
  const rules = rulesOf(bench, view, { findings, decisions: terms.decisions });
  const suspicion = ahead.tables.get(name)?.suspicion;
  if (suspicion === undefined) throw new Error(`${name} was not merged beforehand`);
  return { rules, suspicion, changed };
}

/** Base's own rows under the late keys, with the rowids that others may name. */
function takeBack({ db }: Bench, view: View): void {
  const keys = lateKeys('scratch', view);
  const rowid = rowidNameOf(view.table);
  const found = `${keys} AS k CROSS JOIN ${resultOf(view)} AS t ON ${sameKey('t', 'k', view.key)}`;
  if (rowid !== null) {
    db.exec(`DELETE FROM ${resultOf(view)} WHERE ${rowid} IN (SELECT t.${rowid} FROM ${found})`);
  } else {
    db.exec(`DELETE FROM ${resultOf(view)} AS t
      WHERE EXISTS (SELECT 1 FROM ${keys} AS k WHERE ${sameKey('k', 't', view.key)})`);
  }
  const alias = rowidAliasOf(view);
  const columns = storedColumnsOf(view);
  const [into, from] =
    alias === null
      ? [nameList(columns), cells('b', columns)]
      : [`${nameList(columns)}, ${alias}`, `${cells('b', columns)}, b.${alias}`];
  db.exec(`INSERT INTO ${resultOf(view)} (${into}) SELECT ${from}
    FROM ${keys} AS k CROSS JOIN ${baseOf(view)} AS b ON ${sameKey('b', 'k', view.key)}`);
}

function missingPlan(view: View): never {
  throw new Error(`${view.table.name} has no plan`);
}
