import { createHash } from 'node:crypto';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import { readWhole } from '../host/whole-file.ts';
import type { Layout } from './layout.ts';
import { formatLine, formatNs, parseLine, parseNs, torn } from './line.ts';
import { cannotStandFor, type Listing, openListing, withReplaced } from './listing.ts';
import { hashOf } from './objects.ts';
import { lineBytes, type LineBytes, replacedLines } from './replaced-lines.ts';
import { parseSnapshotId, type SnapshotId } from './snapshot-id.ts';

const version = '1';
const bufferBytes = 262_144;
const newline = 10;

export interface SnapshotHeader {
  readonly id: SnapshotId;
  /** Why it was taken, in a word or two. */
  readonly label: string;
  /** Nanoseconds since 1970. */
  readonly createdNs: bigint;
}

export interface Snapshot extends SnapshotHeader {
  readonly listing: Listing;
}

/** Writes a snapshot's listing line by line; `finish` closes it with a line that seals all before it. */
export interface ManifestWriter {
  /** The line of an entry: `formatEntry`. */
  addLine(line: string): void;
  finish(): void;
  close(): void;
}

export function createManifest(disk: Disk, path: string, header: SnapshotHeader): ManifestWriter {
  const file = disk.create(path, 0o600);
  const seal = createHash('sha256');
  let pending: string[] = [];
  let pendingSize = 0;
  let position = 0;
  let count = 0;
  const flush = (): void => {
    const bytes = Buffer.from(pending.join(''), 'utf8');
    seal.update(bytes);
    file.write(bytes, position);
    position += bytes.length;
    pending = [];
    pendingSize = 0;
  };
  const put = (line: string): void => {
    pending.push(line, '\n');
    pendingSize += line.length;
    if (pendingSize > bufferBytes) flush();
  };
  put(formatHeader(header));
  return {
    addLine: (line) => {
      count += 1;
      put(line);
    },
    finish: () => {
      flush();
      file.write(Buffer.from(endLine(count, seal.digest('hex'))), position);
    },
    close: () => file.close(),
  };
}

/** A listing that was read whole, so that others that are much like it need not be. */
export interface ReadWhole {
  readonly listing: Listing;
  readonly bytes: LineBytes;
}

/** A snapshot, and what was read whole for it: null where that was another one's. */
export interface ReadSnapshot {
  readonly snapshot: Snapshot;
  readonly whole: ReadWhole | null;
}

/** Throws `store/no-snapshot`, `store/torn` and `store/unsafe`. */
export function readManifest(disk: Disk, path: string, id: SnapshotId): Snapshot {
  return readManifestLike(disk, path, { id, like: null }).snapshot;
}

/** The same; lines that stand in `like` as well, at the same place, are taken from there. */
export function readManifestLike(
  disk: Disk,
  path: string,
  { id, like }: { readonly id: SnapshotId; readonly like: ReadWhole | null },
): ReadSnapshot {
  const bytes = readOr(disk, path, id);
  const body = bytes.subarray(0, bytes.lastIndexOf(newline, -2) + 1);
  const firstEnd = body.indexOf(newline);
  const first = body.toString('utf8', 0, Math.max(firstEnd, 0));
  const header = parseHeader(first);
  if (header.id !== id) throw torn(first, `the file is named for ${id}`);
  const rest = body.subarray(firstEnd + 1);
  const alike = like === null ? null : listingLike(like, rest);
  const lines = alike?.lines ?? linesOf(rest);
  requireSeal(bytes.toString('utf8', body.length), { body, count: lines.length });
  if (alike !== null) return { snapshot: { ...header, listing: alike }, whole: null };
  const listing = openListing(lines);
  const read = lineBytes(rest, lines);
  return {
    snapshot: { ...header, listing },
    whole: read === null ? null : { listing, bytes: read },
  };
}

/** Null where it is not the same but for a few lines. */
function listingLike({ listing, bytes }: ReadWhole, body: Buffer): Listing | null {
  const replaced = replacedLines(bytes, body, (number, line) =>
    cannotStandFor(listing.lines[number] ?? '', line),
  );
  return replaced === null ? null : withReplaced(listing, replaced);
}

function linesOf(body: Buffer): readonly string[] {
  const lines = body.toString('utf8').split('\n');
  lines.pop();
  return lines;
}

/** Throws `store/no-snapshot`, and `store/torn` where the listing's first line is none. */
export function requireThere(disk: Disk, layout: Layout, id: SnapshotId): void {
  const path = layout.snapshot(id);
  if (disk.lstat(path) === null) throw noSnapshot(id);
  readHeader(disk, path);
}

/** The header alone, for listings. */
export function readHeader(disk: Disk, path: string): SnapshotHeader {
  const file = disk.openRead(path);
  try {
    const start = Buffer.alloc(4096);
    const text = start.subarray(0, file.read(start, 0)).toString('utf8');
    return parseHeader(text.slice(0, text.indexOf('\n')));
  } finally {
    file.close();
  }
}

function formatHeader({ id, label, createdNs }: SnapshotHeader): string {
  const mtime = formatNs(createdNs);
  return formatLine({ kind: 'snapshot', size: version, mtime, link: label, path: id });
}

function parseHeader(text: string): SnapshotHeader {
  const { kind, size, mtime, link, path } = parseLine(text);
  if (kind !== 'snapshot') throw torn(text, 'the first line is not that of a snapshot');
  if (size !== version) throw torn(text, `version ${size} is not known here`);
  return { id: parseSnapshotId(path), label: link, createdNs: parseNs(mtime, text) };
}

function requireSeal(
  last: string,
  wanted: { readonly body: Buffer; readonly count: number },
): void {
  if (!last.endsWith('\n')) throw torn(last, 'the listing is cut short');
  if (last !== endLine(wanted.count, hashOf(wanted.body))) {
    throw torn(last, 'this last line does not fit the lines before it');
  }
}

function endLine(count: number, seal: string): string {
  return `${formatLine({ kind: 'end', size: String(count), hashes: seal })}\n`;
}

function readOr(disk: Disk, path: string, id: SnapshotId): Buffer {
  try {
    return readWhole(disk, path);
  } catch (error) {
    if (!isDiskError(error, 'ENOENT')) throw error;
    throw noSnapshot(id, error);
  }
}

function noSnapshot(id: SnapshotId, cause?: unknown): BackstepError {
  return new BackstepError('store/no-snapshot', {
    message: `there is no snapshot ${id}`,
    hint: 'list them with `backstep snapshots`',
    cause,
  });
}
