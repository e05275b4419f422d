import { BackstepError } from '../../fault/backstep-error.ts';
import type { Database, SqlValue } from '../../sqlite/database.ts';
import { readDocument } from '../json/document.ts';
import { mergeTriple, undecided, type DecisionAt } from '../json/merge.ts';
import { formatPath } from '../json/path.ts';
import { compactText, writeLike } from '../json/write.ts';
import type { Direction } from './view.ts';

/** The SQL function that merges a JSON cell by path: (base, origin, latest, place, key) → text. */
export const mergeFunction = 'backstep_merge_json';

/** A path inside a JSON cell whose change is not in the result. */
export interface ParkedPath {
  /** `table.column#path`. */
  readonly place: string;
  /** The row's key as SQL literals. */
  readonly key: string;
  /** JSON text, null where the user removed the path. */
  readonly value: string | null;
  readonly why: string;
}

/**
 * Makes `mergeFunction` callable on a connection. Only JSON text passes through it, by a reader that
 * keeps the source text of numbers; what it could not carry is added to `parked`.
 */
export function defineMergeFunction(
  db: Database,
  direction: Direction,
  parked: ParkedPath[],
): void {
  const decisionAt: DecisionAt = direction === 'forth' ? () => 'as-is' : undecided;
  db.defineFunction(mergeFunction, (...[base, origin, latest, place, key]) =>
    mergeCell(
      { base, origin, latest, place: String(place), key: String(key) },
      { decisionAt, parked },
    ),
  );
}

interface Cell {
  readonly base: SqlValue | undefined;
  readonly origin: SqlValue | undefined;
  readonly latest: SqlValue | undefined;
  readonly place: string;
  readonly key: string;
}

interface Means {
  readonly decisionAt: DecisionAt;
  readonly parked: ParkedPath[];
}

function mergeCell(cell: Cell, { decisionAt, parked }: Means): SqlValue {
  const base = documentOf(cell.base, cell.place);
  const origin = documentOf(cell.origin, cell.place);
  const latest = documentOf(cell.latest, cell.place);
  if (base === null || origin === null || latest === null) {
    parked.push({ place: cell.place, key: cell.key, value: String(cell.latest), why: 'rewritten' });
    return cell.base ?? null;
  }
  const merged = mergeTriple(
    { before: base.root, after: origin.root, now: latest.root },
    decisionAt,
  );
  for (const { path, value, why } of merged.parked) {
    const text = value === undefined ? null : compactText(value);
    parked.push({ place: `${cell.place}#${formatPath(path)}`, key: cell.key, value: text, why });
  }
  return merged.value === undefined
    ? null
    : new TextDecoder().decode(writeLike(base, merged.value));
}

/** Null where the text is JSON to SQLite and not to us: a key that stands twice. */
function documentOf(
  value: SqlValue | undefined,
  place: string,
): ReturnType<typeof readDocument> | null {
  if (typeof value !== 'string') return null;
  try {
    return readDocument(new TextEncoder().encode(value), place);
  } catch (error) {
    if (error instanceof BackstepError) return null;
    throw error;
  }
}
