import type { Disk } from '../../host/disk.ts';
import { removeTree } from '../../host/whole-file.ts';
import { withPauses, type Turns } from '../../sqlite/pages/turns.ts';
import type { Finding, OpenQuestion, Outcome } from '../place.ts';
import { deltaOf, type Bench } from './bench.ts';
import type { ParkedPath } from './documents.ts';
import type { ImagePlan } from './image.ts';
import type { Renumbered } from './references/renumber.ts';
import type { MergeFiles, MergeTerms } from './terms.ts';
import type { View } from './view.ts';
import { parkUnseen, readsOf } from './survey/blind.ts';
import { closeBench, finishResult, openBench } from './connection.ts';
import { ConflictError } from './conflict.ts';
import { countCarried, countParked } from './proof/counts.ts';
import {
  damageOf,
  limitOf,
  noSuspicion,
  suspicionOf,
  type FoundDelta,
  type TableDamage,
} from './damage.ts';
import { findDelta } from './delta.ts';
import { foreseeStored } from './candidates.ts';
import { surveyLoose } from './keyless/multiset.ts';
import { brokenViews, reconcile, type Discrepancy } from './proof/reconcile.ts';
import { namePlainly } from './heal/parked-names.ts';
import { openMerge, type Opening, type OpenMerge } from './opening.ts';
import { tellRows } from './row-progress.ts';
import { questionsOf } from './questions.ts';
import { rulesOf } from './rules.ts';
import { surveyTable } from './survey/survey.ts';
import { writeResult, type Written } from './write-result.ts';

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
  /** What was made at run time and is not in the result: `view mine`. */
  readonly leftBehind: readonly string[];
  /** Back: what only a person can tell, and none has told. */
  readonly questions: readonly OpenQuestion[];
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

/** Makes the whole merge in files that are not there yet. */
async function mergeOnce(files: MergeFiles, opening: Opening): Promise<MergeReport> {
  const enter = opening.terms.enter ?? ((): void => {});
  enter('copy');
  const connection = await openBench(files, { ...opening.terms, hasJournal: opening.hasJournal });
  try {
    const open = openMerge(connection, files, opening);
    const merged = await mergeOnBench(open);
    const report = reportOf(open, merged);
    namePlainly(files.parked);
    finishResult(connection);
    return report;
  } finally {
    closeBench(connection);
    enter('done');
  }
}

/** What a merge has made of each table, before it is told. */
export interface Merged {
  readonly findings: readonly Finding[];
  readonly plans: ReadonlyMap<View, TablePlan>;
  readonly written: Written;
  readonly discrepancies: readonly Discrepancy[];
}

export interface TablePlan {
  readonly image: ImagePlan;
  readonly damage: TableDamage;
}

/** Finds what changed, writes the result and proves it. `planned` is called before anything is written. */
export async function mergeOnBench(
  { bench, terms }: OpenMerge,
  planned: () => void = () => {},
): Promise<Merged> {
  await terms.pause?.();
  terms.enter?.('survey');
  const findings = bench.direction === 'forth' ? [] : (terms.findings ?? surveyed(bench));
  terms.enter?.('delta');
  tellRows(bench, terms.onRows);
  const plans = new Map<View, TablePlan>();
  for (const view of bench.views) {
    await terms.pause?.();
    await withPauses(foreseeStored(bench, view), terms.pause);
    plans.set(view, planTable(bench, view, { terms, findings }));
  }
  const planOf = (view: View): ImagePlan => plans.get(view)?.image ?? missingPlan(view);
  planned();
  await terms.pause?.();
  const writing = { planOf, terms, findings };
  const written = bench.db.transaction(() => writeResult(bench, writing));
  await terms.pause?.();
  terms.enter?.('reconcile');
  const discrepancies = await withPauses(prove(bench, written), terms.pause);
  return { findings, plans, written, discrepancies };
}

/** Empty, or a defect. */
export function* prove(
  bench: Bench,
  { discrepancies, rebuilt }: Written,
): Turns<readonly Discrepancy[]> {
  const found = [...discrepancies];
  for (const view of bench.views) {
    found.push(...(yield* reconcile(bench, view, rebuilt.get(view.table.name) ?? none)));
  }
  return [...found, ...brokenViews(bench)];
}

/** Parks what no view looks at, and counts. */
export function reportOf(open: OpenMerge, merged: Merged): MergeReport {
  const { bench, connection, terms, unseen, skipped } = open;
  const { written, plans, discrepancies } = merged;
  terms.enter?.('unseen');
  const reads = readsOf(connection.plain, [...bench.views, ...bench.loose], bench.latest);
  parkUnseen(bench, reads, skipped);
  const carried = countCarried(bench, written.carried);
  const { looseDamage } = written;
  const damage = [...plans].map(([view, plan]) => [view.table.name, plan.damage] as const);
  return {
    outcome: {
      carried,
      parked: countParked(bench, connection.parkedPaths),
      decisions: terms.decisions,
      reconciled: discrepancies.length === 0,
    },
    findings: merged.findings,
    damage: Object.fromEntries([...damage, ...looseDamage]),
    parkedPaths: connection.parkedPaths,
    discrepancies,
    renumbered: written.renumbered,
    unseenTables: unseen.map((table) => table.name),
    leftBehind: written.leftBehind,
    questions: questionsOf(bench, { plans, looseDamage, decisions: terms.decisions }),
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

function planTable(bench: Bench, view: View, { terms, findings }: TableTerms): TablePlan {
  const changed = findDelta(bench, view, terms.identity[view.table.name] ?? []);
  const damage = damageAbove(bench, view, { delta: deltaOf(view), changed, terms });
  const rules = rulesOf(bench, view, { findings, decisions: terms.decisions });
  return { image: { rules, suspicion: damage.parked, changed }, damage };
}

/** What a table lost since the switch, and what of it is above the limit. */
export function damageAbove(
  bench: Bench,
  view: View,
  { terms, ...found }: FoundDelta & { readonly terms: MergeTerms },
): TableDamage {
  const damage = damageOf(bench, view, found);
  const limit = limitOf(view.table.name, terms);
  const parked = bench.direction === 'back' ? suspicionOf(damage, limit) : noSuspicion;
  return { ...damage, parked };
}

function missingPlan(view: View): never {
  throw new Error(`${view.table.name} has no plan`);
}
