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
  const old = bootId === '' ? new Map<string, string>() : parse(readIfThere(host, path), head);
  const fresh: string[] = [head];
  return {
    lookUp(name, stat) {
      const known = old.get(name);
      if (known === undefined) return null;
      const key = `${keyOf(stat)}\t`;
      return known.startsWith(key) ? known.slice(key.length) : null;
    },
    keep(name, stat) {
      const known = old.get(name);
      if (known !== undefined && !isRacy(stat, startNs)) fresh.push(known);
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

/** By the path at the end of each line, the whole line. */
function parse(bytes: Buffer, head: string): ReadonlyMap<string, string> {
  const body = bytes.subarray(0, bytes.lastIndexOf(newline, -2) + 1);
  if (bytes.toString('utf8', body.length) !== `end\t${hashOf(body)}\n`) return new Map();
  const lines = body.toString('utf8').split('\n');
  const first = lines.shift();
  lines.pop();
  if (first !== head) return new Map();
  return new Map(
    lines.map((line) => [unescapeField(line.slice(line.lastIndexOf('\t') + 1)), line]),
  );
}

const newline = 10;
