import type { CarriedCount, Finding } from '../place.ts';
import type { Bench } from './bench.ts';
import type { TableDamage } from './damage.ts';
import type { Discrepancy } from './proof/reconcile.ts';
import type { MergeTerms } from './terms.ts';
import type { View } from './view.ts';
import { applyImages } from './apply.ts';
import {
  drawImages,
  indexParkedTables,
  makeParkedTables,
  redrawBase,
  type ImagePlan,
} from './image.ts';
import { mergeLoose } from './keyless/multiset-apply.ts';
import { rebuildDerived, type Rebuilt } from './lens/rebuild.ts';
import { followMending, playSplit } from './lens/split-result.ts';
import { mendReferences } from './references/references.ts';
import { renumberParked, type Renumbered } from './references/renumber.ts';
import { carryRunTime } from './run-time-objects.ts';
import { carrySchema } from './run-time-schema.ts';
import { raiseSequences } from './sequence.ts';
import { restoreTriggers, takeTriggers } from './triggers.ts';

/** What writing a result has found. */
export interface Written {
  /** What was wrong after split tables were played, and cannot be seen any more afterwards. */
  readonly discrepancies: readonly Discrepancy[];
  readonly renumbered: readonly Renumbered[];
  /** Of tables without a key. */
  readonly carried: readonly CarriedCount[];
  readonly rebuilt: Rebuilt;
  readonly looseDamage: ReadonlyMap<string, TableDamage>;
  /** What was made at run time and is not in the result: `view mine`. */
  readonly leftBehind: readonly string[];
  /** Some row was brought, changed, parked or reinstated because of another one. */
  readonly isMended: boolean;
}

export interface Writing {
  readonly planOf: (view: View) => ImagePlan;
  readonly terms: MergeTerms;
  readonly findings: readonly Finding[];
}

/** Writes what is carried into the result, which is base until then, and what is not into the parked file. */
export function writeResult(bench: Bench, { planOf, terms, findings }: Writing): Written {
  const triggers = takeTriggers(bench);
  for (const view of bench.views) makeParkedTables(bench, view);
  const renumbered =
    bench.direction === 'forth' ? bench.views.flatMap((view) => renumberParked(bench, view)) : [];
  terms.enter?.('images');
  if (renumbered.length > 0) for (const view of bench.views) redrawBase(bench, view);
  for (const view of bench.views) drawImages(bench, view, planOf(view));
  for (const view of bench.views) indexParkedTables(bench, view);
  terms.enter?.('apply');
  const [whole, split] = [
    bench.views.filter((view) => view.split === null),
    bench.views.filter((view) => view.split !== null),
  ];
  for (const view of whole) applyImages(bench, view, planOf(view).changed);
  const loose = bench.loose.map((view) => mergeLoose(bench, view, { terms, findings }));
  const discrepancies = playSplit(bench, { whole, split });
  terms.enter?.('references');
  const isMended = terms.only === undefined && mendReferences(bench, { planOf });
  for (const view of split) followMending(bench, view);
  const tablesLeft = carryRunTime(bench, {
    skipped: new Set(terms.bookkeeping),
    mendsReferences: terms.only === undefined,
  });
  const derived = rebuildDerived(bench, terms.rebuild);
  raiseSequences(bench);
  restoreTriggers(bench, triggers);
  return {
    leftBehind: [...tablesLeft, ...carrySchema(bench)],
    discrepancies: [
      ...discrepancies,
      ...loose.flatMap((merged) => merged.discrepancies),
      ...derived.discrepancies,
    ],
    rebuilt: derived.rebuilt,
    renumbered,
    carried: loose.map((merged) => merged.carried),
    looseDamage: new Map(
      bench.loose.flatMap((view, n) => {
        const merged = loose[n];
        return merged === undefined ? [] : [[view.table.name, merged.damage] as const];
      }),
    ),
    isMended,
  };
}
