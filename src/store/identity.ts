import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk, FileStat } from '../host/disk.ts';

/** File systems that keep times in whole milliseconds or coarser may be off by up to this. */
const coarseTickNs = 2_000_000_000n;

/** True where a change since `startNs` might have left the times as they are. */
export function isRacy({ changedNs, modifiedNs }: FileStat, startNs: bigint): boolean {
  const slack = changedNs % 1_000_000n === 0n ? coarseTickNs : 0n;
  return changedNs + slack >= startNs || modifiedNs + slack >= startNs;
}

/** What a file is as long as nobody writes it. */
export function keyOf(stat: FileStat): string {
  const { device, inode, sizeBytes, modifiedNs, changedNs } = stat;
  return `${device}\t${inode}\t${sizeBytes}\t${modifiedNs}\t${changedNs}`;
}

/** Of a folder of the store's own. Throws `disk/missing`. */
export function statThere(disk: Disk, path: string): FileStat {
  const stat = disk.lstat(path);
  if (stat !== null) return stat;
  throw new BackstepError('disk/missing', {
    message: `${JSON.stringify(path)} vanished while it was written to`,
    hint: 'find out what cleans the state folder; nothing else may',
  });
}
