import type { Disk } from '../../host/disk.ts';
import { exists, type Move } from '../moves.ts';
import type { Recovery } from '../phases.ts';

/** Where the parts of one rename lie; null where the rename has no such part. */
export interface MoveEvidence {
  readonly isStaged: boolean | null;
  readonly isDisplaced: boolean | null;
}

/**
 * What is to be done about a run whose journal is lost, from what lies where; null where that does not tell.
 * Staged files leave only after the commit record, so one that is gone proves it, unless the renames were being
 * taken back: then something is staged again whose displaced part has gone home.
 */
export function recoveryByEvidence(moves: readonly MoveEvidence[]): Recovery | null {
  if (moves.length === 0) return null;
  const isBack = moves.some((move) => move.isStaged === true && move.isDisplaced === false);
  const isPlaced = moves.some(({ isStaged }) => isStaged === false);
  const isDisplaced = moves.some((move) => move.isDisplaced === true);
  if (isBack) return isPlaced || isDisplaced ? 'rename-back' : 'restart';
  if (!isPlaced) return isDisplaced ? 'rename-back' : 'restart';
  return isDisplaced ? 'forward' : null;
}

export function evidenceOf(disk: Disk, moves: readonly Move[]): MoveEvidence[] {
  const isThere = (path: string | null): boolean | null =>
    path === null ? null : exists(disk, path);
  return moves.map(({ staged, displaced }) => ({
    isStaged: isThere(staged),
    isDisplaced: isThere(displaced),
  }));
}
