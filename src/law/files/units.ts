import { movesBetween, type Moves } from './moves.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** One file, folder or link through the three states, whatever its name was in each. */
export interface Unit<E extends TreeEntry> {
  readonly before: E | undefined;
  readonly after: E | undefined;
  readonly now: E | undefined;
}

export interface TreeTriple<E extends TreeEntry> {
  readonly before: Tree<E>;
  readonly after: Tree<E>;
  readonly now: Tree<E>;
}

/**
 * Follows every name through the three states. `upgradeMoves` says which names of `before` are others in
 * `after`; the users' own moves are found by hash. Every entry of the three is in exactly one unit.
 */
export function unitsOf<E extends TreeEntry>(trees: TreeTriple<E>, upgradeMoves: Moves): Unit<E>[] {
  const { before, after, now } = trees;
  const userMoves = movesBetween(after, now);
  const claimedAfter = new Set(upgradeMoves.values());
  const claimedNow = new Set<string>();
  const units: Unit<E>[] = [];
  const add = (old: E | undefined, renewed: E | undefined): void => {
    const path = renewed === undefined ? undefined : nameNow(renewed.path, now, userMoves);
    if (renewed !== undefined) claimedAfter.add(renewed.path);
    if (path !== undefined) claimedNow.add(path);
    const latest = path === undefined ? undefined : now.get(path);
    units.push({ before: old, after: renewed, now: latest });
  };
  for (const [path, old] of before) {
    const moved = upgradeMoves.get(path);
    const same = claimedAfter.has(path) ? undefined : after.get(path);
    // A folder that became a file of the same name is no longer what it was.
    const isStill = same !== undefined && same.kind === old.kind;
    add(old, moved === undefined ? (isStill ? same : undefined) : after.get(moved));
  }
  for (const [path, renewed] of after) if (!claimedAfter.has(path)) add(undefined, renewed);
  for (const [path, latest] of now) {
    if (!claimedNow.has(path)) units.push({ before: undefined, after: undefined, now: latest });
  }
  return units;
}

function nameNow(path: string, now: Tree<TreeEntry>, moves: Moves): string | undefined {
  return now.has(path) ? path : moves.get(path);
}
