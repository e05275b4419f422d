import type { Choice, Decision, Outcome, ParkReason } from '../place.ts';
import { judge, type Claim, type ParkedFile } from './judge.ts';
import { folderMoves, movesBetween, type FolderMove, type Moves } from './moves.ts';
import { isReconciled } from './reconcile.ts';
import { settle, type WantedEntry } from './settle.ts';
import { foldedPath, hasSameContent, treeOf, type TreeEntry } from './tree.ts';
import { unitsOf, type TreeTriple, type Unit } from './units.ts';

/** The listings of one tree in the three states. */
export interface TreeStates<E extends TreeEntry> {
  readonly before: readonly E[];
  readonly after: readonly E[];
  readonly now: readonly E[];
}

export interface TreeRollback {
  readonly decisions?: readonly Decision[];
  /** When defaults are taken: ISO 8601, UTC. */
  readonly at: string;
  /** The file system takes `A` and `a` for one name. */
  readonly ignoresCase?: boolean;
}

export interface RolledBackTree<E extends TreeEntry> {
  /** The whole tree as it is to be, by path, folders before what is in them. */
  readonly wanted: readonly WantedEntry<E>[];
  readonly outcome: Outcome;
  readonly parked: readonly ParkedFile<E>[];
  /** Files that the upgrade only renamed: old path → new path. */
  readonly upgradeMoves: Moves;
  /** Folders that it renamed whole; what users added in them went to the old name. */
  readonly renamedFolders: readonly FolderMove[];
  /** Wanted names that differ in nothing but case or composition. */
  readonly caseClashes: readonly (readonly string[])[];
}

/**
 * The old tree plus what users added, changed, moved and deleted since: `before ⊕ diff(after, now)`. A
 * file that the upgrade rewrote and the user changed as well is parked. Throws BackstepError `tree/entry`.
 */
export function rollBackTree<E extends TreeEntry>(
  states: TreeStates<E>,
  options: TreeRollback,
): RolledBackTree<E> {
  const trees = {
    before: treeOf(states.before, 'before'),
    after: treeOf(states.after, 'after'),
    now: treeOf(states.now, 'now'),
  };
  return mergeTrees(trees, movesBetween(trees.before, trees.after), options);
}

/** The merge itself; `moves` are the names of `before` that are others in `after`. */
export function mergeTrees<E extends TreeEntry>(
  trees: TreeTriple<E>,
  moves: Moves,
  { decisions = [], at, ignoresCase = false }: TreeRollback,
): RolledBackTree<E> {
  const renamedFolders = folderMoves(moves, trees.before, trees.after);
  const decisionAt = (path: string): Decision | null => decisionFor(path, decisions);
  const choiceAt = (path: string): Choice | null => decisionAt(path)?.choice ?? null;
  const judged = unitsOf(trees, moves).map((unit) => ({
    unit,
    ...judge(unit, { choiceAt, folders: renamedFolders }),
  }));
  const claims = judged.flatMap(({ claim }) => claim ?? []);
  const settled = settle(claims, trees, ignoresCase);
  const parked = [...judged.flatMap((each) => each.parked ?? []), ...settled.parked];
  const chosen = judged.flatMap(({ unit, choice }) =>
    choice === null ? [] : [{ path: nameOf(unit), choice }],
  );
  return {
    wanted: settled.wanted,
    parked,
    upgradeMoves: moves,
    renamedFolders,
    caseClashes: caseClashes(settled.wanted),
    outcome: {
      carried: countCarried(settled.placed, judged),
      parked: parked.map(({ path, why }) => ({ what: path, count: 1, why })),
      decisions: chosen.map(
        ({ path, choice }) =>
          decisionAt(path) ?? {
            place: path,
            choice,
            by: 'default',
            at,
            evidence: evidenceOf(path, parked),
          },
      ),
      reconciled: isReconciled(settled.wanted, parked, { trees, moves, folders: renamedFolders }),
    },
  };
}

function nameOf(unit: Unit<TreeEntry>): string {
  return (unit.before ?? unit.now ?? unit.after)?.path ?? '';
}

/** The decision for the name itself, else for the closest folder around it. */
function decisionFor(path: string, decisions: readonly Decision[]): Decision | null {
  const covering = decisions.filter(({ place }) => path === place || path.startsWith(`${place}/`));
  covering.sort((one, other) => other.place.length - one.place.length);
  return covering[0] ?? null;
}

function evidenceOf(path: string, parked: readonly ParkedFile<TreeEntry>[]): string {
  const why: ParkReason = parked.find((each) => each.path === path)?.why ?? 'rewritten';
  return why === 'blind'
    ? 'the old release has no such file'
    : 'the upgrade changed this file as well';
}

function countCarried(
  placed: readonly Claim<TreeEntry>[],
  judged: readonly { readonly unit: Unit<TreeEntry>; readonly claim: unknown }[],
): Outcome['carried'] {
  const inserted = placed.filter(({ unit }) => unit.before === undefined).length;
  const updated = placed.filter(
    ({ unit: { before }, path, entry, mode }) =>
      before !== undefined &&
      (path !== before.path || mode !== before.mode || !hasSameContent(entry, before)),
  ).length;
  const deleted = judged.filter(
    ({ unit, claim }) => unit.before !== undefined && claim === null,
  ).length;
  return { inserted, updated, deleted };
}

function caseClashes(wanted: readonly WantedEntry<TreeEntry>[]): string[][] {
  const names = Map.groupBy(
    wanted.map(({ path }) => path),
    foldedPath,
  );
  return [...names.values()].filter((paths) => paths.length > 1);
}
