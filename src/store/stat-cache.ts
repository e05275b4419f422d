import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path/posix';
import { isDiskError } from '../host/disk-error.ts';
import type { FileStat } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { randomHex } from '../host/random.ts';
import { createWhole, readWhole } from '../host/whole-file.ts';
import { isObjectHash, type ObjectHash } from './entry.ts';
import { escapeField, unescapeField } from './escape.ts';
import type { Layout } from './layout.ts';

/**
 * Remembers what a file's bytes hashed to, for as long as device, inode, size and both times stay the same.
 *
 * A file that changes twice within one tick of the file system's clock may look unchanged (git calls such an
 * entry racy). So nothing is remembered whose times are not older than the start of the snapshot that read it.
 * The cache is a hint: damaged or lost, everything is hashed again.
 */
export interface StatCache {
  /** The hashes, if the file cannot have changed. `path` is relative to the captured root. */
  lookUp(path: string, stat: FileStat): readonly ObjectHash[] | null;
  remember(path: string, stat: FileStat, hashes: readonly ObjectHash[]): void;
  save(): void;
}

const version = 'stat-cache\t1';
/** File systems that keep times in whole milliseconds or coarser may be off by up to this. */
const coarseTickNs = 2_000_000_000n;

export interface CapturedRoot {
  /** Absolute path of what is captured. */
  readonly root: string;
  /** When the snapshot began, by the file system's clock, in nanoseconds. */
  readonly startNs: bigint;
}

export function openStatCache(
  host: Host,
  layout: Layout,
  { root, startNs }: CapturedRoot,
): StatCache {
  const path = layout.statCache(root);
  const old = parse(readIfThere(host, path), root);
  const fresh: string[] = [`${version}\t${escapeField(root)}`];
  return {
    lookUp(name, stat) {
      const [key, hashes] = old.get(name) ?? [];
      return key === keyOf(stat) ? (hashes ?? null) : null;
    },
    remember(name, stat, hashes) {
      if (isRacy(stat, startNs)) return;
      fresh.push(`${keyOf(stat)}\t${hashes.join(',')}\t${escapeField(name)}`);
    },
    save: () => save(host, path, `${fresh.join('\n')}\n`),
  };
}

type Remembered = ReadonlyMap<string, readonly [key: string, hashes: readonly ObjectHash[]]>;

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

/** Not synced: a cache that a power loss tore does not match its seal. Without room for it there is none. */
function save(host: Host, path: string, text: string): void {
  const fresh = join(dirname(path), `.${randomHex(host.random, 8)}.new`);
  const bytes = Buffer.from(`${text}end\t${sealOf(text)}\n`);
  try {
    createWhole(host.disk, fresh, { bytes, mode: 0o600 });
    host.disk.rename(fresh, path);
  } catch (error) {
    if (host.disk.lstat(fresh) !== null) host.disk.removeFile(fresh);
    if (!isDiskError(error, 'ENOSPC', 'EDQUOT')) throw error;
  }
}

function sealOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function readIfThere(host: Host, path: string): string {
  try {
    return readWhole(host.disk, path).toString('utf8');
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'EIO')) return '';
    throw error;
  }
}

function parse(text: string, root: string): Remembered {
  const body = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
  const [first, ...lines] = body.split('\n').slice(0, -1);
  const isWhole = text.slice(body.length) === `end\t${sealOf(body)}\n`;
  if (!isWhole || first !== `${version}\t${escapeField(root)}`) return new Map();
  return new Map(lines.map(parseLine).filter((entry) => entry !== null));
}

function parseLine(
  line: string,
): readonly [string, readonly [string, readonly ObjectHash[]]] | null {
  const at = line.lastIndexOf('\t');
  const before = line.lastIndexOf('\t', at - 1);
  const hashes = line.slice(before + 1, at).split(',');
  if (!hashes.every(isObjectHash)) return null;
  return [unescapeField(line.slice(at + 1)), [line.slice(0, before), hashes]];
}
