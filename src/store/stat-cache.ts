import { dirname, join } from 'node:path/posix';
import { isDiskError } from '../host/disk-error.ts';
import type { FileStat } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { randomHex } from '../host/random.ts';
import { createWhole, readWhole } from '../host/whole-file.ts';
import { escapeField, unescapeField } from './escape.ts';
import type { Layout } from './layout.ts';
import { isRacy, keyOf } from './identity.ts';
import { hashOf } from './objects.ts';

/**
 * Remembers the lines of files in a snapshot, for as long as device, inode, size and both times stay the same: bytes,
 * mode and owner are then what they were.
 *
 * A file that changes twice within one tick of the file system's clock may look unchanged (git calls such an
 * entry racy). So nothing is remembered whose times are not older than the start of the snapshot that read it.
 * A loss of power can take a file's blocks and leave its size and times. So what was remembered before the machine was
 * started is forgotten, and everywhere where the machine does not tell.
 *
 * The cache is a hint: damaged or lost, everything is hashed again.
 */
export interface StatCache {
  /** The file's line, if the file cannot have changed. `path` is as it stands in the snapshot. */
  lookUp(path: string, stat: FileStat): string | null;
  /** Remembers what `lookUp` has just found of the file. */
  keep(path: string, stat: FileStat): void;
  remember(stat: FileStat, line: string): void;
  save(): void;
}

const version = 'stat-cache\t3';

export interface CapturedRoot {
  /** Absolute path of what is captured. */
  readonly root: string;
  /** When the snapshot began, by the file system's clock, in nanoseconds. */
  readonly startNs: bigint;
  /** Of the machine now; empty where it does not tell. */
  readonly bootId: string;
}

export function openStatCache(
  host: Host,
  layout: Layout,
  { root, startNs, bootId }: CapturedRoot,
): StatCache {
  const path = layout.statCache(root);
  const head = `${version}\t${bootId}\t${escapeField(root)}`;
  const knownOf = finderIn(bootId === '' ? [] : parse(readIfThere(host, path), head));
  const fresh: string[] = [head];
  return {
    lookUp(name, stat) {
      const known = knownOf(name);
      if (known === null) return null;
      const key = `${keyOf(stat)}\t`;
      return known.startsWith(key) ? known.slice(key.length) : null;
    },
    keep(name, stat) {
      const known = knownOf(name);
      if (known !== null && !isRacy(stat, startNs)) fresh.push(known);
    },
    remember(stat, line) {
      if (!isRacy(stat, startNs)) fresh.push(`${keyOf(stat)}\t${line}`);
    },
    save: () => save(host, path, `${fresh.join('\n')}\n`),
  };
}

/** Not synced: a cache that a power loss tore does not match its seal. Without room for it there is none. */
function save(host: Host, path: string, text: string): void {
  const fresh = join(dirname(path), `.${randomHex(host.random, 8)}.new`);
  const body = Buffer.from(text);
  const bytes = Buffer.concat([body, Buffer.from(`end\t${hashOf(body)}\n`)]);
  try {
    createWhole(host.disk, fresh, { bytes, mode: 0o600 });
    host.disk.rename(fresh, path);
  } catch (error) {
    if (host.disk.lstat(fresh) !== null) host.disk.removeFile(fresh);
    if (!isDiskError(error, 'ENOSPC', 'EDQUOT')) throw error;
  }
}

function readIfThere(host: Host, path: string): Buffer {
  try {
    return readWhole(host.disk, path);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'EIO')) return Buffer.alloc(0);
    throw error;
  }
}

/** The lines between the first and the last; none where it is not whole, or another one's. */
function parse(bytes: Buffer, head: string): readonly string[] {
  const body = bytes.subarray(0, bytes.lastIndexOf(newline, -2) + 1);
  if (bytes.toString('utf8', body.length) !== `end\t${hashOf(body)}\n`) return [];
  const lines = body.toString('utf8').split('\n');
  const first = lines.shift();
  lines.pop();
  return first === head ? lines : [];
}

/**
 * Finds a line by the path at its end. A walk asks for the files in the order in which they stand here: so the one that
 * was found last and the one after it are looked at first, and the others are only put in order once that was in vain.
 */
function finderIn(lines: readonly string[]): (path: string) => string | null {
  let numbers: ReadonlyMap<string, number> | null = null;
  let last = 0;
  return (path) => {
    const number = [last, last + 1].find((near) => endsAsItStands(lines[near] ?? '', path));
    if (number === undefined) numbers ??= numbersByPath(lines);
    const found = number ?? numbers?.get(path);
    last = found ?? last;
    return lines[found ?? -1] ?? null;
  };
}

/** True where the last field is the path, letter by letter; one that has to be escaped is not found so. */
function endsAsItStands(line: string, path: string): boolean {
  const isLast = line.lastIndexOf('\t') === line.length - path.length - 1;
  return isLast && line.endsWith(path) && path !== '-' && !path.includes('\\');
}

function numbersByPath(lines: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    lines.map((line, number) => [unescapeField(line.slice(line.lastIndexOf('\t') + 1)), number]),
  );
}

const newline = 10;
