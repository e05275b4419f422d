import { untouchedRows, type Discrepancy } from '../proof/reconcile.ts';
import type { Bench } from '../bench.ts';
import { noteWritten } from './split-result.ts';

/** Columns that were made anew by table; `null` among them where rows came or went. */
export type Rebuilt = ReadonlyMap<string, ReadonlySet<string | null>>;

/**
 * Makes derived data anew on the result, by the SQL that the reversal gives. What stood there before is looked at
 * first, since nothing can tell afterwards what moved for which reason.
 */
export function rebuildDerived(
  bench: Bench,
  rebuild: Readonly<Record<string, string>>,
): { readonly rebuilt: Rebuilt; readonly discrepancies: readonly Discrepancy[] } {
  const statements = Object.entries(rebuild).filter(([name]) => isOfResult(bench, name));
  if (statements.length === 0) return { rebuilt: new Map(), discrepancies: [] };
  const plain = bench.views.filter((view) => view.split === null);
  const early = plain.flatMap((view) => untouchedRows(bench, view));
  const rebuilt = new Map<string, Set<string | null>>();
  for (const [, sql] of statements) {
    for (const { table, column, schema } of bench.db.execTelling(sql)) {
      if (schema !== 'main') continue;
      rebuilt.set(table, (rebuilt.get(table) ?? new Set()).add(column));
    }
  }
  for (const view of plain) if (rebuilt.has(view.table.name)) noteWritten(bench, view);
  return { rebuilt, discrepancies: early.filter(({ count }) => count > 0) };
}

/** False for what is named after a table that only the other release has: there is nothing to make anew. */
function isOfResult({ base, origin, latest }: Bench, name: string): boolean {
  return base.has(name) || !(origin.has(name) || latest.has(name));
}
