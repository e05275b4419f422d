import { ConflictError } from '../conflict.ts';
import { closeBench, openBench } from '../connection.ts';
import type { Suspicion } from '../damage.ts';
import { keepFound } from '../delta.ts';
import { mergeOnBench, reportOf, type MergeReport } from '../merge.ts';
import { openMerge } from '../opening.ts';
import type { StoredChanges } from '../stored.ts';
import type { MergeFiles, MergeTerms } from '../terms.ts';
import type { Written } from '../write-result.ts';

/** A result that was made of a state while the application went on, and what is needed to bring it up to a later one. */
export interface AheadMerge {
  /** Of the state that it was made of. */
  readonly report: MergeReport;
  readonly written: Written;
  /** By table: what was taken for damage, and the columns of which some cell changed. */
  readonly tables: ReadonlyMap<string, AheadTable>;
  /** What pages told of tables in that state and right after the switch; the rowids lie in the working file. */
  readonly stored: ReadonlyMap<string, StoredChanges | null>;
  /** The journal mode that the result is to have. */
  readonly journalMode: string;
}

export interface AheadTable {
  readonly suspicion: Suspicion;
  readonly changed: readonly string[];
}

/** Whether a merge can be brought up later: derived data is made anew of all rows, split tables are played. */
export function canBeBroughtUp({ direction, disk, lenses, only, rebuild }: MergeTerms): boolean {
  return (
    direction === 'back' &&
    disk !== undefined &&
    only === undefined &&
    Object.keys(rebuild).length === 0 &&
    Object.values(lenses).every(({ triggers }) => triggers === undefined)
  );
}

/**
 * Merges as `mergeDatabases` does and leaves result, parked values and working file as `bringUp` takes them. Null where
 * a constraint holds rows to one another: what is merged then depends on all of them at once. A crash leaves files to be
 * thrown away.
 */
export async function mergeAhead(files: MergeFiles, terms: MergeTerms): Promise<AheadMerge | null> {
  const connection = await openBench(files, { ...terms, hasJournal: false });
  try {
    const open = openMerge(connection, files, { terms, hasJournal: false });
    const merged = await mergeOnBench(open, () => keepFound(open.bench));
    const tables = [...merged.plans].map(([view, { image }]) => [view.table.name, image] as const);
    const report = reportOf(open, merged);
    return {
      report,
      written: merged.written,
      tables: new Map(tables),
      stored: open.bench.stored,
      journalMode: connection.journalMode,
    };
  } catch (error) {
    if (error instanceof ConflictError) return null;
    throw error;
  } finally {
    closeBench(connection);
    terms.enter?.('done');
  }
}
