import type { Disk } from '../../host/disk.ts';
import { removeTree } from '../../host/whole-file.ts';
import type { CarriedCount, Finding, Outcome } from '../place.ts';
import type { Damage, Suspicion } from './damage.ts';
import type { ParkedPath } from './documents.ts';
import type { Discrepancy } from './proof/reconcile.ts';
import type { MergeFiles, MergeTerms } from './terms.ts';
import { applyImages } from './apply.ts';
import { raiseViews, type Bench } from './bench.ts';
import { carryNewTables, parkUnseen, readsOf } from './survey/blind.ts';
import { closeBench, finishResult, openBench, pagesOf, readShapes } from './connection.ts';
import { ConflictError } from './conflict.ts';
import { countCarried, countParked } from './proof/counts.ts';
import { damageOf, defaultCarryLimit, noSuspicion, suspicionOf } from './damage.ts';
import { findDelta } from './delta.ts';
import {
  drawImages,
  indexParkedTables,
  makeParkedTables,
  redrawBase,
  type ImagePlan,
} from './image.ts';
import { lazyColumns, type LazyColumn } from './survey/lazy.ts';
import { surveyLoose } from './keyless/multiset.ts';
import { mergeLoose } from './keyless/multiset-apply.ts';
import { brokenViews, reconcile } from './proof/reconcile.ts';
import { rebuildDerived, type Rebuilt } from './lens/rebuild.ts';
import { mendReferences } from './references/references.ts';
import { renumberParked, type Renumbered } from './references/renumber.ts';
import { namePlainly } from './heal/parked-names.ts';
import { requireAlone, termsOfPart } from './part/part.ts';
import { rulesOf } from './rules.ts';
import { requireShapeOfOrigin } from './run-time-shape.ts';
import { raiseSequences } from './sequence.ts';
import { surveyTable } from './survey/survey.ts';
import { restoreTriggers, takeTriggers } from './triggers.ts';
import { splitViewsOf } from './lens/split.ts';
import { followMending, playSplit } from './lens/split-result.ts';
import { refuseVirtualTables, viewsOf, type View, type ViewRequest } from './view.ts';

/** What was done to a table, beyond the counts. */
export interface TableDamage extends Damage {
  readonly parked: Suspicion;
}

export interface MergeReport {
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  readonly damage: Readonly<Record<string, TableDamage>>;
  readonly parkedPaths: readonly ParkedPath[];
  /** Empty, or a defect: the result must not be used. */
  readonly discrepancies: readonly Discrepancy[];
  /** Parked rows whose id was given out again, and the ids that they got instead. */
  readonly renumbered: readonly Renumbered[];
  /** Tables of the wanted shape that the other shape lacks: they stand as in base. */
  readonly unseenTables: readonly string[];
  /** Back: columns that the new release seems to be still filling. */
  readonly lazyColumns: readonly LazyColumn[];
}

/**
 * Merges three states of a database into a fourth, inside SQL. A crash leaves an unfinished `result`,
 * to be thrown away; nothing else is written. Throws `law/lens`, `law/unsupported-shape`.
 */
export async function mergeDatabases(files: MergeFiles, terms: MergeTerms): Promise<MergeReport> {
  const { disk, lenses } = terms;
  const isPlayed = Object.values(lenses).some(({ triggers }) => triggers !== undefined);
  if (disk === undefined || isPlayed) return mergeOnce(files, { terms, hasJournal: true });
  try {
    return await mergeOnce(files, { terms, hasJournal: false });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    clearUnfinished(disk, files);
    return mergeOnce(files, { terms, hasJournal: true });
  }
}

function clearUnfinished(disk: Disk, { result, parked, scratch }: MergeFiles): void {
  for (const path of [result, parked, scratch]) {
    for (const companion of ['', '-journal', '-wal', '-shm']) removeTree(disk, path + companion);
  }
}

interface Attempt {
  readonly terms: MergeTerms;
  /** Without a journal a change that is refused cannot be taken back, and everything else is faster. */
  readonly hasJournal: boolean;
}

async function mergeOnce(files: MergeFiles, attempt: Attempt): Promise<MergeReport> {
  const { hasJournal } = attempt;
  const enter = attempt.terms.enter ?? ((): void => {});
  enter('copy');
  const connection = await openBench(files, { ...attempt.terms, hasJournal });
  try {
    const { db } = connection;
    const shapes = readShapes(db);
    const terms = termsOfPart(attempt.terms, shapes);
    requireShapeOfOrigin(shapes, terms);
    const skipped = new Set(terms.bookkeeping);
    refuseVirtualTables(shapes.base, new Set([...skipped, ...Object.keys(terms.rebuild)]));
    const request: ViewRequest = {
      db,
      direction: terms.direction,
      wanted: shapes.base,
      other: shapes.origin,
      wantedSchema: 'base',
      otherSchema: 'origin',
      lenses: terms.lenses,
      skipped,
    };
    const { views: seen, loose, unseen } = viewsOf(request);
    const views = [...seen, ...splitViewsOf(request)];
    requireAlone(connection.plain, [...views, ...loose], terms);
    const bench: Bench = {
      db,
      pages: pagesOf(files, terms),
      hasJournal,
      stored: new Map(),
      direction: terms.direction,
      ...shapes,
      views,
      loose,
    };
    raiseViews(bench);
    const report = await mergeOnBench(bench, connection.parkedPaths, terms);
    enter('unseen');
    parkUnseen(bench, readsOf(connection.plain, [...views, ...loose]), skipped);
    const lazy = bench.direction === 'back' ? lazyColumns(bench) : [];
    const parked = countParked(bench, connection.parkedPaths);
    namePlainly(files.parked);
    finishResult(connection);
    return {
      ...report,
      outcome: { ...report.outcome, parked },
      unseenTables: unseen.map((table) => table.name),
      lazyColumns: lazy,
    };
  } finally {
    closeBench(connection);
    enter('done');
  }
}

async function mergeOnBench(
  bench: Bench,
  parkedPaths: readonly ParkedPath[],
  terms: MergeTerms,
): Promise<Omit<MergeReport, 'unseenTables' | 'lazyColumns'>> {
  await terms.pause?.();
  terms.enter?.('survey');
  const findings = bench.direction === 'forth' ? [] : (terms.findings ?? surveyed(bench));
  terms.enter?.('delta');
  const plans = new Map<View, ImagePlan>();
  const damage: Record<string, TableDamage> = {};
  for (const view of bench.views) {
    await terms.pause?.();
    const plan = planTable(bench, view, { terms, findings });
    plans.set(view, plan.image);
    damage[view.table.name] = plan.damage;
  }
  const planOf = (view: View): ImagePlan => plans.get(view) ?? missingPlan(view);
  await terms.pause?.();
  const written = bench.db.transaction(() => writeResult(bench, planOf, { terms, findings }));
  for (const [table, found] of written.looseDamage) damage[table] = found;
  await terms.pause?.();
  terms.enter?.('reconcile');
  const discrepancies = [
    ...written.discrepancies,
    ...bench.views.flatMap((view) =>
      reconcile(bench, view, written.rebuilt.get(view.table.name) ?? none),
    ),
    ...brokenViews(bench),
  ];
  return {
    outcome: {
      carried: countCarried(bench, written.carried),
      parked: [],
      decisions: terms.decisions,
      reconciled: discrepancies.length === 0,
    },
    findings,
    damage,
    parkedPaths,
    discrepancies,
    renumbered: written.renumbered,
  };
}

const none: ReadonlySet<string | null> = new Set();

function surveyed(bench: Bench): Finding[] {
  return [
    ...bench.views.flatMap((view) => surveyTable(bench, view)),
    ...bench.loose.flatMap((view) => surveyLoose(bench, view)),
  ];
}

interface TableTerms {
  readonly terms: MergeTerms;
  readonly findings: readonly Finding[];
}

function planTable(
  bench: Bench,
  view: View,
  { terms, findings }: TableTerms,
): { readonly image: ImagePlan; readonly damage: TableDamage } {
  const changed = findDelta(bench, view, terms.identity[view.table.name] ?? []);
  const found = damageOf(bench, view, changed);
  const limit = terms.carryLimits[view.table.name] ?? defaultCarryLimit;
  const suspicion = bench.direction === 'back' ? suspicionOf(found, limit) : noSuspicion;
  const rules = rulesOf(bench, view, { findings, decisions: terms.decisions });
  return { image: { rules, suspicion, changed }, damage: { ...found, parked: suspicion } };
}

interface Written {
  /** What was wrong after split tables were played, and cannot be seen any more afterwards. */
  readonly discrepancies: readonly Discrepancy[];
  readonly renumbered: readonly Renumbered[];
  /** Of tables without a key. */
  readonly carried: readonly CarriedCount[];
  readonly rebuilt: Rebuilt;
  readonly looseDamage: ReadonlyMap<string, TableDamage>;
}

function writeResult(
  bench: Bench,
  planOf: (view: View) => ImagePlan,
  { terms, findings }: TableTerms,
): Written {
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
  if (terms.only === undefined) mendReferences(bench, { planOf });
  for (const view of split) followMending(bench, view);
  carryNewTables(bench, new Set(terms.bookkeeping));
  const derived = rebuildDerived(bench, terms.rebuild);
  raiseSequences(bench);
  restoreTriggers(bench, triggers);
  return {
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
  };
}

function missingPlan(view: View): never {
  throw new Error(`${view.table.name} has no plan`);
}
