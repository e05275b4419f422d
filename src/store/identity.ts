import type { FileStat } from '../host/disk.ts';

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
