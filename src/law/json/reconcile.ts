import { changesBetween, type Change } from './diff.ts';
import { elementsOf, stepTo, type KeyFields } from './keyed.ts';
import type { LayeredMerge, MergedEntry, ParkedMove } from './layers.ts';
import type { Triple } from './merge.ts';
import { isWithin, valueAt, withValueAt, type Path } from './path.ts';
import { newPaths, type DocumentReversal } from './reversal.ts';
import { isSame, type Json } from './value.ts';
import { withoutNewPaths, withoutOldPaths } from './view.ts';

/**
 * True where every change between `after` and `now` stands in the merged document or among what was
 * parked. Judged by the values alone, not by the merge's own lists of what it carried.
 */
export function isReconciled(
  merged: LayeredMerge,
  triple: Triple,
  reversal: DocumentReversal,
): boolean {
  return (
    areIdenticalPathsFound(merged, triple, reversal) &&
    merged.entries.every((entry) => isEntryFound(merged, entry)) &&
    areNewPathsFound(merged, triple, reversal)
  );
}

function areIdenticalPathsFound(
  merged: LayeredMerge,
  { before, after, now }: Triple,
  reversal: DocumentReversal,
): boolean {
  const result = withoutOldPaths(merged.value, reversal);
  const changes = changesBetween(
    withoutNewPaths(after, reversal, [before, after]),
    withoutNewPaths(now, reversal, [before, after]),
  );
  return changes.every((change) =>
    isFound(
      change,
      valueAt(result, change.path),
      merged.parked.map(({ newPath }) => newPath),
    ),
  );
}

function isEntryFound(
  { value, parked }: LayeredMerge,
  { entry, after, now }: MergedEntry,
): boolean {
  return elementChanges(after, now, entry.key).every((change) => {
    const path = [...entry.old, ...change.path];
    return isFound(
      { ...change, path },
      valueAt(value, path),
      parked.map((each) => each.path),
    );
  });
}

/** Changes of single elements; of the whole where there is no key, or elements lack it. */
export function elementChanges(
  from: Json | undefined,
  to: Json | undefined,
  key: KeyFields | null,
): Change[] {
  if (key === null) return changesBetween(from, to);
  const [older, newer] = [elementsOf(from, key), elementsOf(to, key)];
  if (older === null || newer === null) return changesBetween(from, to);
  return [...new Map([...older, ...newer])].flatMap(([id, element]) =>
    changesBetween(older.get(id), newer.get(id), [stepTo(element, key)]),
  );
}

function areNewPathsFound(
  { entries, parked }: LayeredMerge,
  { after, now }: Triple,
  reversal: DocumentReversal,
): boolean {
  const proven = new Set(entries.flatMap((entry) => entry.proven));
  return reversal.entries
    .flatMap(newPaths)
    .filter((path) => !proven.has(path))
    .flatMap((path) => changesBetween(valueAt(after, path), valueAt(now, path), path))
    .every(({ path }) => isParked(path, parked));
}

function isParked(path: Path, parked: readonly ParkedMove[]): boolean {
  return parked.some(({ newPath }) => isWithin(path, newPath) || isWithin(newPath, path));
}

/** In the result as the user left it, but for the parts that were parked. */
function isFound(change: Change, found: Json | undefined, parked: readonly Path[]): boolean {
  if (parked.some((path) => isWithin(change.path, path))) return true;
  const inside = parked.filter((path) => isWithin(path, change.path));
  const rest = inside.reduce<Json | undefined>(
    (value, path) =>
      (withValueAt(value, path.slice(change.path.length), undefined) ?? { root: value }).root,
    change.to,
  );
  return isSame(found, rest);
}
