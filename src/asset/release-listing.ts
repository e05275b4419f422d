import { createHash } from 'node:crypto';
import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import { readWhole } from '../host/whole-file.ts';
import { isObjectHash } from '../store/entry.ts';
import { formatLine, parseLine, requireInside } from '../store/line.ts';
import type { UnitName } from './asset.ts';
import { contentHash } from './content.ts';

/** One file, folder or link of a release. */
export interface ListedEntry {
  readonly kind: 'file' | 'folder' | 'link';
  /** Relative to the release's folder. */
  readonly path: UnitName;
  /** As it was given; what is kept of it is read-only besides. Zero for links. */
  readonly mode: number;
  /** SHA-256 of a file; empty for the others. */
  readonly hash: string;
  /** Of a link; empty for the others. */
  readonly target: string;
}

/** What a release consists of, as it was when it was added. */
export interface Listing {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly addedMs: number;
  /** Folders before what is in them. */
  readonly entries: readonly ListedEntry[];
}

/** What lies below a folder now; sockets, FIFOs and devices are in `others`. */
export function listFolder(
  disk: Disk,
  root: string,
  isLeftOut: (path: UnitName) => boolean = () => false,
): { readonly entries: readonly ListedEntry[]; readonly others: readonly UnitName[] } {
  const entries: ListedEntry[] = [];
  const others: UnitName[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const own of disk.list(join(root, folder))) {
      const path = join(folder, own);
      if (isLeftOut(path)) continue;
      const entry = entryAt(disk, root, path);
      if (entry === null) others.push(path);
      else entries.push(entry);
      if (entry?.kind === 'folder') pending.push(path);
    }
  }
  return { entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), others };
}

function entryAt(disk: Disk, root: string, path: UnitName): ListedEntry | null {
  const whole = join(root, path);
  const stat = disk.lstat(whole);
  const blank = { path, mode: stat?.mode ?? 0, hash: '', target: '' };
  if (stat?.kind === 'folder') return { ...blank, kind: 'folder' };
  if (stat?.kind === 'file') return { ...blank, kind: 'file', hash: contentHash(disk, whole) };
  if (stat?.kind === 'link') {
    return { ...blank, kind: 'link', mode: 0, target: disk.readLink(whole) };
  }
  return null;
}

/** Lines of nine fields as in a snapshot (docs/formats/store.md), the first and last of which name and seal it. */
export function formatListing({ version, addedMs, entries }: Listing): string {
  const head = formatLine({ kind: 'release', size: '1', mtime: String(addedMs), path: version });
  const lines = entries.map(({ kind, path, mode, hash, target }) =>
    formatLine({ kind, mode: mode.toString(8), hashes: hash, link: target, path }),
  );
  const body = [head, ...lines].map((line) => `${line}\n`).join('');
  const seal = formatLine({ kind: 'end', size: String(entries.length), hashes: sha256(body) });
  return `${body}${seal}\n`;
}

/** Null where there is none. Throws `release/listing` for one that is cut short or altered. */
export function readListing(disk: Disk, file: string): Listing | null {
  const text = textOrNull(disk, file);
  if (text === null) return null;
  const end = text.lastIndexOf('\n', text.length - 2) + 1;
  const body = text.slice(0, end);
  try {
    const [head, ...lines] = body
      .split('\n')
      .filter((line) => line !== '')
      .map(parseLine);
    const seal = parseLine(text.slice(end).replace(/\n$/, ''));
    const isWhole =
      seal.kind === 'end' && seal.hashes === sha256(body) && /^\d{1,15}$/.test(head?.mtime ?? '');
    if (head?.kind !== 'release' || head.size !== '1' || !isWhole) throw altered(file);
    const entries = lines.map((line) => parseEntry(line, file));
    return { version: head.path, addedMs: Number(head.mtime), entries };
  } catch (error) {
    if (error instanceof BackstepError && ['store/torn', 'store/unsafe'].includes(error.code))
      throw altered(file);
    throw error;
  }
}

function parseEntry(line: ReturnType<typeof parseLine>, file: string): ListedEntry {
  const { kind, path, mode, hashes, link } = line;
  if (kind !== 'file' && kind !== 'folder' && kind !== 'link') throw altered(file);
  if (!/^[0-7]{1,4}$/.test(mode) || (kind === 'file') !== isObjectHash(hashes)) throw altered(file);
  requireInside(path);
  return { kind, path, mode: Number.parseInt(mode, 8), hash: hashes, target: link };
}

function textOrNull(disk: Disk, file: string): string | null {
  try {
    return readWhole(disk, file).toString('utf8');
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function altered(file: string): BackstepError {
  return new BackstepError('release/listing', {
    message: `${JSON.stringify(file)} is not as Backstep wrote it`,
    hint: 'add the release again under a new version, from where it came',
  });
}

/** What differs between a listing and what is there now, one line each; modes are compared by `modeOf`. */
export function differencesOf(
  listed: readonly ListedEntry[],
  found: readonly ListedEntry[],
  modeOf: (entry: ListedEntry) => number,
): readonly string[] {
  const there = new Map(found.map((entry) => [entry.path, entry]));
  const known = new Set(listed.map(({ path }) => path));
  const wrong = listed.flatMap((entry) => {
    const now = there.get(entry.path);
    const name = JSON.stringify(entry.path);
    if (now === undefined) return [`${name} is missing`];
    if (now.kind !== entry.kind) return [`${name} is a ${now.kind} and was a ${entry.kind}`];
    if (now.hash !== entry.hash) return [`${name} holds other bytes`];
    if (now.target !== entry.target) return [`${name} leads to ${JSON.stringify(now.target)}`];
    const isModeKept = entry.kind === 'link' || now.mode === modeOf(entry);
    return isModeKept ? [] : [`${name} has mode ${now.mode.toString(8)}`];
  });
  const added = found.filter(({ path }) => !known.has(path));
  return [...wrong, ...added.map(({ path }) => `${JSON.stringify(path)} was not part of it`)];
}
