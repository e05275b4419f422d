import { readFileSync, readdirSync, statSync } from 'node:fs';
import { errnoOf } from './node-fault.ts';
import { pids, statOfProcess } from './node-proc.ts';
import type { OpenFiles } from './processes.ts';

/**
 * Tells open files by device and inode, so that a second name of a file counts too. Reads /proc/<pid>/fd,
 * and /proc/<pid>/maps for files that are mapped but closed.
 */
export function openFiles(): OpenFiles {
  const holders = new Map<string, number[]>();
  const inodes = new Set<bigint>();
  let isComplete = true;
  for (const pid of pids()) {
    if (statOfProcess(pid)?.isKernel === true) continue;
    const keys = keysHeldBy(pid);
    if (keys === null) isComplete = false;
    for (const key of keys ?? []) {
      const known = holders.get(key);
      if (known === undefined) holders.set(key, [pid]);
      else known.push(pid);
      inodes.add(BigInt(key.slice(key.indexOf(':') + 1)));
    }
  }
  return {
    isComplete,
    holdersOf: ({ device, inode }) => {
      // Asked of every file of an asset: hardly any number is that of an open one.
      const held = inodes.has(inode) ? (holders.get(`${device}:${inode}`) ?? []) : [];
      return held.map((pid) => ({ pid, name: statOfProcess(pid)?.name ?? '' }));
    },
  };
}

/** `device:inode` of all that the process holds; empty if it is gone, null if we may not look. */
function keysHeldBy(pid: number): ReadonlySet<string> | null {
  try {
    const keys = new Set<string>();
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const key = keyBehind(`/proc/${pid}/fd/${descriptor}`);
      if (key !== null) keys.add(key);
    }
    for (const key of mappedKeys(readFileSync(`/proc/${pid}/maps`, 'utf8'))) keys.add(key);
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
  const keys = new Map<string, string>();
  // A file is mapped in several lines, one after the other; most of the others are memory of no file.
  for (const [, file = '', major = '', minor = '', inode = ''] of maps.matchAll(mappedFile)) {
    if (!keys.has(file)) keys.set(file, `${deviceNumber(major, minor)}:${inode}`);
  }
  return [...keys.values()];
}

const mappedFile = /^\S+ \S+ \S+ (([0-9a-f]+):([0-9a-f]+) ([1-9]\d*)) /gm;

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
