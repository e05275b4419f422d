import type { ParkedFile } from './judge.ts';
import { movesBetween, pathBefore, type FolderMove, type Moves } from './moves.ts';
import type { WantedEntry } from './settle.ts';
import { hasSameContent, isUnchanged, type TreeEntry } from './tree.ts';
import type { TreeTriple } from './units.ts';

/** What a merge was made of. */
export interface MergedTrees<E extends TreeEntry> {
  readonly trees: TreeTriple<E>;
  readonly moves: Moves;
  readonly folders: readonly FolderMove[];
}

/**
 * True where everything that users added, changed or deleted between `after` and `now` is as they left it
 * in the wanted tree, or among what was parked. Judged name by name, not by the merge's own units.
 */
export function isReconciled<E extends TreeEntry>(
  wanted: readonly WantedEntry<E>[],
  parked: readonly ParkedFile<E>[],
  { trees, moves, folders }: MergedTrees<E>,
): boolean {
  const oldNames = new Map([...moves].map(([old, renewed]) => [renewed, old]));
  const targets = movesBetween(trees.after, trees.now);
  const sources = new Map([...targets].map(([was, is]) => [is, was]));
  const parkedNames = new Set(parked.map(({ path }) => path));
  const byPath = new Map(wanted.map((each) => [each.path, each]));
  const oldOf = (path: string): E | undefined => trees.before.get(oldNames.get(path) ?? path);

  const isKept = (entry: E): boolean => {
    const { path } = entry;
    const upgraded = trees.after.get(path);
    if (parkedNames.has(path) || isUnchanged(upgraded, entry)) return true;
    const source = sources.get(path);
    const old = oldOf(source ?? path);
    const isContentUntouched =
      source !== undefined || (upgraded && hasSameContent(upgraded, entry));
    const name = source === undefined && upgraded && old ? old.path : pathBefore(path, folders);
    const there = byPath.get(name);
    if (there === undefined) return false;
    if (!isContentUntouched) return hasSameContent(there.entry, entry);
    const isSame = hasSameContent(there.entry, old ?? entry);
    return isSame && (source !== undefined || there.mode === entry.mode);
  };
  const isGone = (entry: E): boolean => {
    const target = targets.get(entry.path);
    if (trees.now.has(entry.path) || parkedNames.has(target ?? entry.path)) return true;
    const old = oldOf(entry.path);
    const isMovedBack = target !== undefined && pathBefore(target, folders) === old?.path;
    if (old === undefined || isMovedBack) return true;
    const there = byPath.get(old.path);
    // A folder stays for what is in it; a name may be that of another file since.
    return there === undefined || there.entry !== old || entry.kind === 'folder';
  };
  return [...trees.now.values()].every(isKept) && [...trees.after.values()].every(isGone);
}
