import { isConstraintError } from '../../../sqlite/database.ts';
import { withPauses } from '../../../sqlite/pages/turns.ts';
import { foundOf, type Bench } from '../bench.ts';
import { ConflictError } from '../conflict.ts';
import {
  attachBench,
  attachWorking,
  closeBench,
  finishResult,
  type BenchConnection,
} from '../connection.ts';
import type { Suspicion } from '../damage.ts';
import type { ParkedPath } from '../documents.ts';
import { namePlainly } from '../heal/parked-names.ts';
import { damageAbove, prove, reportOf, type MergeReport, type TablePlan } from '../merge.ts';
import { openMerge, type OpenMerge } from '../opening.ts';
import { tellRows } from '../row-progress.ts';
import type { BroughtFiles, MergeTerms } from '../terms.ts';
import type { View } from '../view.ts';
import { foldLate, lateSchemas, storedOfBoth } from './fold-late.ts';
import { findLate, lateKeys, type Late } from './late-keys.ts';
import type { AheadMerge } from './merge-ahead.ts';
import { placeLate, type LatePlans } from './place-late.ts';

/**
 * Brings a result that was made of `earlier` up to `latest`: the same as merging `latest`, of which only the rows that
 * changed since are merged. Null where that cannot be had so, since rows hold one another or the share that changed is
 * above another limit; the files are to be thrown away then. Throws as `mergeDatabases` does.
 */
export async function bringUp(
  files: BroughtFiles,
  ahead: AheadMerge,
  terms: MergeTerms,
): Promise<MergeReport | null> {
  const fresh = { scratch: `${files.scratch}-late`, parked: `${files.scratch}-late-parked` };
  const connection = attachBench({ ...files, ...fresh }, { ...terms, hasJournal: false });
  try {
    const open = openMerge(connection, files, { terms, hasJournal: false });
    terms.enter?.('delta');
    tellRows(open.bench, terms.onRows);
    const late = await withPauses(findLate(open), terms.pause);
    await terms.pause?.();
    const report = late === null ? null : await bringLate(open, { late, ahead, files, fresh });
    if (report === null) return null;
    namePlainly(files.parked);
    finishResult({ ...connection, journalMode: ahead.journalMode });
    return report;
  } catch (error) {
    if (error instanceof ConflictError || isConstraintError(error)) return null;
    throw error;
  } finally {
    closeBench(connection);
    terms.enter?.('done');
  }
}

interface Bringing {
  readonly late: Late;
  readonly ahead: AheadMerge;
  readonly files: BroughtFiles;
  /** Where the late rows are worked on. */
  readonly fresh: Pick<BroughtFiles, 'scratch' | 'parked'>;
}

async function bringLate(open: OpenMerge, bringing: Bringing): Promise<MergeReport | null> {
  const { late, ahead, files, fresh } = bringing;
  const { connection, terms } = open;
  if (late.tables.size === 0) return ahead.report;
  if (ahead.written.isMended) return null;
  const plans = placeLate(open, { ...open.bench, confined: late.keys }, ahead);
  if (plans === null) return null;
  swapFiles(connection, files, fresh);
  const stored = [...ahead.stored].map(([name, earlier]) => {
    const since = late.tables.get(name)?.stored ?? null;
    const isOne = earlier === null || since === null;
    return [name, isOne ? earlier : storedOfBoth(open.bench, name, { earlier, since })] as const;
  });
  const bench: Bench = { ...open.bench, stored: new Map(stored) };
  if (!isTold(late, ahead)) return null;
  foldLate(bench, late);
  const tables = totals(bench, { plans, ahead, terms });
  if (tables === null) return null;
  terms.enter?.('reconcile');
  const parkedPaths = pathsOfBoth(bench, { connection, ahead });
  return reportOf(
    { ...open, bench, connection: { ...connection, parkedPaths } },
    {
      findings: ahead.report.findings,
      plans: tables,
      written: ahead.written,
      discrepancies: await withPauses(prove(bench, ahead.written), terms.pause),
    },
  );
}

/** Of every table of which pages told before, they tell again. */
function isTold(late: Late, { stored }: AheadMerge): boolean {
  return late.tables
    .entries()
    .every(([name, table]) => table.stored !== null || (stored.get(name) ?? null) === null);
}

/** The working and the parked file of all rows in their places, those of the late rows beside them. */
function swapFiles({ db }: BenchConnection, files: BroughtFiles, fresh: Bringing['fresh']): void {
  for (const schema of ['scratch', 'parked'] as const) {
    db.detach(schema);
    attachWorking(db, { schema, path: files[schema], hasJournal: false });
  }
  attachWorking(db, { schema: lateSchemas.working, path: fresh.scratch, hasJournal: false });
  attachWorking(db, { schema: lateSchemas.parked, path: fresh.parked, hasJournal: false });
}

/** What was done to each table in all; null where another share of it is above the limit than was before. */
function totals(
  bench: Bench,
  {
    plans,
    ahead,
    terms,
  }: { readonly plans: LatePlans; readonly ahead: AheadMerge; readonly terms: MergeTerms },
): ReadonlyMap<View, TablePlan> | null {
  const tables = new Map<View, TablePlan>();
  for (const [view, image] of plans) {
    const before = ahead.tables.get(view.table.name);
    const changed = [...new Set([...(before?.changed ?? []), ...image.changed])];
    const damage = damageAbove(bench, view, { delta: foundOf(view), changed, terms });
    if (!isSame(damage.parked, image.suspicion)) return null;
    tables.set(view, { image: { ...image, changed }, damage });
  }
  return tables;
}

function isSame(a: Suspicion, b: Suspicion): boolean {
  return a.deleted === b.deleted && a.emptied === b.emptied && a.overwritten === b.overwritten;
}

/** Paths in JSON cells: those of rows that nobody touched since, and those of the late ones. */
function pathsOfBoth(
  { db, views }: Bench,
  { connection, ahead }: { readonly connection: BenchConnection; readonly ahead: AheadMerge },
): readonly ParkedPath[] {
  const earlier = ahead.report.parkedPaths;
  if (earlier.length === 0) return connection.parkedPaths;
  const late = new Set(
    views.flatMap((view) => {
      const key = view.key
        .map((name) => `quote("${name.replaceAll('"', '""')}")`)
        .join(` || ', ' || `);
      const keys = db.texts(`SELECT ${key} FROM ${lateKeys(lateSchemas.working, view)}`);
      return keys.map((text) => `${view.table.name}\n${text}`);
    }),
  );
  const tableOf = ({ place }: ParkedPath): string | undefined =>
    views.find((view) => place.startsWith(`${view.table.name}.`))?.table.name;
  const kept = earlier.filter((path) => !late.has(`${tableOf(path)}\n${path.key}`));
  return [...kept, ...connection.parkedPaths];
}
