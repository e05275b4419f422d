import { lstatSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { errnoOf, onDisk } from './node-fault.ts';
import { pids, statOfProcess } from './node-proc.ts';
import type { Holder, HolderReport } from './processes.ts';

/**
 * Finds open files by device and inode, so that a second name of a file counts too. Reads /proc/<pid>/fd,
 * and /proc/<pid>/maps for files that are mapped but closed.
 */
export function holders(paths: readonly string[]): HolderReport {
  const wanted = new Map<string, string>();
  for (const path of paths) {
    const key = fileKey(path);
    if (key !== null) wanted.set(key, path);
  }
  const found: Holder[] = [];
  let isComplete = true;
  for (const pid of wanted.size === 0 ? [] : pids()) {
    const keys = keysHeldBy(pid);
    if (keys === null) isComplete = false;
    for (const key of keys ?? []) {
      const path = wanted.get(key);
      if (path !== undefined) found.push({ pid, name: statOfProcess(pid)?.name ?? '', path });
    }
  }
  return { holders: found, isComplete };
}

function fileKey(path: string): string | null {
  return onDisk('stat', path, (native) => {
    const stats = lstatSync(native, { bigint: true, throwIfNoEntry: false });
    return stats ? `${stats.dev}:${stats.ino}` : null;
  });
}

/** `device:inode` of all that the process holds; empty if it is gone, null if we may not look. */
function keysHeldBy(pid: number): ReadonlySet<string> | null {
  try {
    const keys = new Set<string>();
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const key = keyBehind(`/proc/${pid}/fd/${descriptor}`);
      if (key !== null) keys.add(key);
    }
    for (const key of mappedKeys(readFileSync(`/proc/${pid}/maps`, 'latin1'))) keys.add(key);
    return keys;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ESRCH') return new Set();
    if (errno === 'EACCES' || errno === 'EPERM') return null;
    throw error;
  }
}

function keyBehind(descriptor: string): string | null {
  const stats = statSync(descriptor, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : null;
}

/** Fields 4 and 5 of a line of /proc/<pid>/maps: device as `major:minor` in hexadecimal, and inode. */
export function mappedKeys(maps: string): readonly string[] {
  const keys = new Set<string>();
  for (const line of maps.split('\n')) {
    const found = /^\S+ \S+ \S+ ([0-9a-f]+):([0-9a-f]+) (\d+)/.exec(line);
    if (found?.[1] === undefined || found[2] === undefined || found[3] === '0') continue;
    keys.add(`${deviceNumber(found[1], found[2])}:${found[3]}`);
  }
  return [...keys];
}

/** As makedev(3) of glibc does it. */
function deviceNumber(majorHex: string, minorHex: string): bigint {
  const major = BigInt(`0x${majorHex}`);
  const minor = BigInt(`0x${minorHex}`);
  return (
    ((major & 0xfffff000n) << 32n) |
    ((major & 0xfffn) << 8n) |
    ((minor & 0xffffff00n) << 12n) |
    (minor & 0xffn)
  );
}
