import { createHash } from 'node:crypto';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import { readWhole } from '../host/whole-file.ts';
import type { Layout } from './layout.ts';
import { formatLine, formatNs, parseLine, parseNs, torn } from './line.ts';
import { type Listing, openListing } from './listing.ts';
import { hashOf } from './objects.ts';
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

/** Throws `store/no-snapshot`, `store/torn` and `store/unsafe`. */
export function readManifest(disk: Disk, path: string, id: SnapshotId): Snapshot {
  const bytes = readOr(disk, path, id);
  const body = bytes.subarray(0, bytes.lastIndexOf(newline, -2) + 1);
  const lines = body.toString('utf8').split('\n');
  const first = lines.shift() ?? '';
  lines.pop();
  const header = parseHeader(first);
  if (header.id !== id) throw torn(first, `the file is named for ${id}`);
  requireSeal(bytes.toString('utf8', body.length), { body, count: lines.length });
  return { ...header, listing: openListing(lines) };
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
