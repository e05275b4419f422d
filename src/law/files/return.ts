import type { ParkedFile } from './judge.ts';
import { movesBetween } from './moves.ts';
import { mergeTrees, type RolledBackTree, type TreeRollback } from './rollback.ts';
import { hasSameContent, treeOf, type Tree, type TreeEntry } from './tree.ts';

/** The listings of one tree for the way forward. */
export interface ReturnTreeStates<E extends TreeEntry> {
  /** The pair of the upgrade that was rolled back. */
  readonly before: readonly E[];
  readonly after: readonly E[];
  /** What the new release left. */
  readonly displaced: readonly E[];
  /** Right after the rollback, and now. */
  readonly settled: readonly E[];
  readonly now: readonly E[];
}

/** In `wanted`, `from: 'before'` means the displaced state. */
export interface ReturnedTree<E extends TreeEntry> extends Omit<
  RolledBackTree<E>,
  'upgradeMoves' | 'renamedFolders'
> {
  /** Files of the displaced state that a later edit or deletion replaced: kept, not in the tree. */
  readonly stale: readonly ParkedFile<E>[];
}

/**
 * Forward again: the displaced tree plus what users changed under the old release since. A file that the
 * two releases hold in different forms and that was changed under the old one is parked: its form is the
 * old release's. Throws BackstepError `tree/entry`.
 */
export function returnTree<E extends TreeEntry>(
  states: ReturnTreeStates<E>,
  options: TreeRollback,
): ReturnedTree<E> {
  const displaced = treeOf(states.displaced, 'displaced');
  const settled = treeOf(states.settled, 'right after the rollback');
  const trees = { before: displaced, after: settled, now: treeOf(states.now, 'now') };
  const merged = mergeTrees(trees, movesBack(states, { displaced, settled }), options);
  const kept = new Set(
    merged.wanted.filter(({ from }) => from === 'before').map(({ entry }) => entry),
  );
  const isStale = (entry: E): boolean => {
    const old = settled.get(entry.path);
    return (
      entry.kind !== 'folder' &&
      !kept.has(entry) &&
      old !== undefined &&
      !hasSameContent(old, entry)
    );
  };
  const stale = states.displaced
    .filter(isStale)
    .map((entry) => ({ path: entry.path, entry, why: 'stale' as const }));
  return {
    wanted: merged.wanted,
    outcome: merged.outcome,
    parked: merged.parked,
    caseClashes: merged.caseClashes,
    stale,
  };
}

/** The upgrade's renamings, from the new name to the old one, and those that show in the two states. */
function movesBack<E extends TreeEntry>(
  states: ReturnTreeStates<E>,
  { displaced, settled }: { readonly displaced: Tree<E>; readonly settled: Tree<E> },
): Map<string, string> {
  const upgrade = movesBetween(treeOf(states.before, 'before'), treeOf(states.after, 'after'));
  const known = [...upgrade].filter(([old, renewed]) => displaced.has(renewed) && settled.has(old));
  const taken = new Set(known.map(([old]) => old));
  const seen = [...movesBetween(displaced, settled)].filter(([, old]) => !taken.has(old));
  return new Map([...seen, ...known.map(([old, renewed]) => [renewed, old] as const)]);
}
