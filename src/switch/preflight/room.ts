import { dirname } from 'node:path/posix';
import type { Disk } from '../../host/disk.ts';
import { stateAssets, type Ground } from '../ground.ts';

/** At least so much must be free wherever a switch builds something (the manual's own figure). */
export const floorBytes = 500_000_000;

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

/** Where there is less than a switch is refused for; what the file systems tell is asked before the size of any file. */
export function shortRooms(ground: Ground): readonly Room[] {
  if (isAmple(ground)) return [];
  return roomOf(ground).filter(({ freeBytes, leastBytes }) => freeBytes < leastBytes);
}

/** True where more is free than is in use on all file systems that hold assets: no copy of them is larger. */
function isAmple({ assets, folders, host: { disk } }: Ground): boolean {
  const held = assets.map((asset) => existing(disk, dirname(asset.placeOf('x'))));
  const used = new Map(held.map((folder) => [deviceOf(disk, folder), disk.usedBytes(folder)]));
  const mostBytes = used.values().reduce((sum, bytes) => sum + bytes, floorBytes);
  const built = [...held, existing(disk, folders.root)];
  return built.every((folder) => disk.freeBytes(folder) >= mostBytes);
}

function deviceOf(disk: Disk, folder: string): bigint | null {
  return disk.lstat(disk.realPath(folder))?.device ?? null;
}

/** In a line, for a person. */
export function roomText({ folder, freeBytes, neededBytes }: Room): string {
  const mb = (bytes: number): string => `${Math.floor(bytes / 1e6)} MB`;
  return `${folder}: ${mb(freeBytes)} are free, a switch may need ${mb(neededBytes)}`;
}

function existing(disk: Disk, folder: string): string {
  return disk.lstat(folder) === null && folder !== '/' ? existing(disk, dirname(folder)) : folder;
}
