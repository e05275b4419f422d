import { dirname, join } from 'node:path/posix';
import { createWhole, removeTree } from '../../host/whole-file.ts';
import type { Ground } from '../ground.ts';
import { exists } from '../moves.ts';
import { siblingRoots } from '../stage/workspace.ts';

/**
 * Throws away what trials (`plan`, `adopt`) that were killed have left: their working files, and copies of the data in
 * hidden folders beside it. The caller holds the lock. May run twice.
 */
export function clearKilledTrials(ground: Ground): void {
  for (const run of killedTrials(ground)) {
    throwAway(ground, [...siblingRoots(ground, run), join(ground.folders.runs, run)]);
  }
}

/** In a run's record: what it staged is to be thrown away, and could not be when it ended. */
const unclearedMark = 'uncleared';

/** Written down for the next command that changes state. */
export function noteUncleared({ host, folders }: Ground, run: string): void {
  const path = join(folders.runs, run, unclearedMark);
  if (!exists(host.disk, path))
    createWhole(host.disk, path, { bytes: Buffer.alloc(0), mode: 0o600 });
}

/** The hidden folders of runs that went back to where they were, and had no right to remove them. May run twice. */
export function clearUncleared(ground: Ground): void {
  const { host, folders } = ground;
  const runs = exists(host.disk, folders.runs) ? host.disk.list(folders.runs) : [];
  for (const run of runs) {
    const mark = join(folders.runs, run, unclearedMark);
    if (exists(host.disk, mark)) throwAway(ground, [...siblingRoots(ground, run), mark]);
  }
}

/**
 * Removes the folders that are there, each durably before the next: a loss of power brings none of them back without
 * what tells of it. Also where one that was killed had removed them and could not sync that.
 */
export function throwAway({ host: { disk } }: Ground, folders: readonly string[]): void {
  for (const path of folders) {
    if (exists(disk, path)) removeTree(disk, path);
    if (exists(disk, dirname(path))) disk.syncFolder(dirname(path));
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
