import { join } from 'node:path/posix';
import { removeTree } from '../host/whole-file.ts';
import type { Ground } from './ground.ts';
import { exists } from './moves.ts';
import { siblingRoots } from './workspace.ts';

/**
 * Throws away what trials (`plan`, `adopt`) that were killed have left: their working files, and copies of the data in
 * hidden folders beside it. The caller holds the lock. May run twice.
 */
export function clearKilledTrials(ground: Ground): void {
  for (const run of killedTrials(ground)) {
    throwAway(ground, [...siblingRoots(ground, run), join(ground.folders.runs, run)]);
  }
}

/** Removes the folders that are there. */
export function throwAway({ host }: Ground, folders: readonly string[]): void {
  for (const path of folders) {
    if (exists(host.disk, path)) removeTree(host.disk, path);
  }
}

/** Folders of runs that hold no more than their working files: a run writes its plan before anything else. */
function killedTrials({ host, folders }: Ground): readonly string[] {
  if (!exists(host.disk, folders.runs)) return [];
  return host.disk.list(folders.runs).filter((run) => {
    const held = host.disk.list(join(folders.runs, run));
    const journal = join(folders.journal, `${run}.jsonl`);
    return held.every((name) => name === 'work') && !exists(host.disk, journal);
  });
}
