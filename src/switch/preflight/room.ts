import { dirname } from 'node:path/posix';
import type { Disk } from '../../host/disk.ts';
import { stateAssets, type Ground } from '../ground.ts';

/** At least so much must be free wherever a switch builds something (the manual's own figure). */
const floorBytes = 500_000_000;

/** A folder on whose file system a switch builds, and what it may take there. */
export interface Room {
  readonly folder: string;
  readonly freeBytes: number;
  /** Below this a switch is refused: one copy of what is built there, and never less than 500 MB. */
  readonly leastBytes: number;
  /** With this there is room to spare, also for what is captured meanwhile. */
  readonly neededBytes: number;
}

/** What a switch may need: beside each asset a whole copy of it, and all captures in the state folder. */
export function roomOf(ground: Ground): readonly Room[] {
  const { disk } = ground.host;
  const sizes = new Map<string, number>();
  let total = 0;
  for (const asset of stateAssets(ground)) {
    const paths = [...asset.live().values()];
    const sizeBytes = paths.reduce((sum, path) => sum + (disk.lstat(path)?.sizeBytes ?? 0), 0);
    total += sizeBytes;
    const folder = existing(disk, dirname(paths[0] ?? asset.placeOf('x')));
    sizes.set(folder, (sizes.get(folder) ?? 0) + sizeBytes);
  }
  const state = existing(disk, ground.folders.root);
  sizes.set(state, (sizes.get(state) ?? 0) + total);
  return [...sizes].map(([folder, sizeBytes]) => ({
    folder,
    freeBytes: disk.freeBytes(folder),
    leastBytes: Math.max(floorBytes, sizeBytes),
    neededBytes: Math.max(floorBytes, 2 * sizeBytes),
  }));
}

/** In a line, for a person. */
export function roomText({ folder, freeBytes, neededBytes }: Room): string {
  const mb = (bytes: number): string => `${Math.floor(bytes / 1e6)} MB`;
  return `${folder}: ${mb(freeBytes)} are free, a switch may need ${mb(neededBytes)}`;
}

function existing(disk: Disk, folder: string): string {
  return disk.lstat(folder) === null && folder !== '/' ? existing(disk, dirname(folder)) : folder;
}
