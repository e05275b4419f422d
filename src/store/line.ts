import { BackstepError } from '../fault/backstep-error.ts';
import { type Entry, isObjectHash, type ObjectHash } from './entry.ts';
import { escapeField, unescapeField } from './escape.ts';

/** Nine fields, TAB between, `-` if empty: docs/formats/snapshot.md. */
export interface Line {
  readonly kind: string;
  readonly mode: string;
  readonly uid: string;
  readonly gid: string;
  readonly size: string;
  readonly mtime: string;
  readonly hashes: string;
  readonly link: string;
  readonly path: string;
}

const empty: Line = {
  kind: '',
  mode: '',
  uid: '',
  gid: '',
  size: '',
  mtime: '',
  hashes: '',
  link: '',
  path: '',
};

/** Without the newline at its end. */
export function formatLine(fields: Partial<Line>): string {
  const { kind, mode, uid, gid, size, mtime, hashes, link, path } = { ...empty, ...fields };
  return [kind, mode, uid, gid, size, mtime, hashes, link, path].map(escapeField).join('\t');
}

/** Throws `store/torn`. */
export function parseLine(text: string): Line {
  const fields = text.split('\t');
  if (fields.length !== 9 || fields.includes('')) throw torn(text, 'nine fields were expected');
  const [kind = '', mode = '', uid = '', gid = '', ...rest] = fields.map(unescapeField);
  const [size = '', mtime = '', hashes = '', link = '', path = ''] = rest;
  return { kind, mode, uid, gid, size, mtime, hashes, link, path };
}

export function formatEntry(entry: Entry): string {
  const { kind, path } = entry;
  if (entry.kind === 'hard-link') return formatLine({ kind, link: entry.first, path });
  if (entry.kind === 'left-out') return formatLine({ kind, link: entry.what, path });
  const attributes = {
    kind,
    mode: formatMode(entry.mode),
    uid: String(entry.uid),
    gid: String(entry.gid),
    mtime: formatNs(entry.modifiedNs),
    path,
  };
  if (entry.kind === 'folder') return formatLine(attributes);
  if (entry.kind === 'link') return formatLine({ ...attributes, link: entry.target });
  const size = String(entry.sizeBytes);
  return formatLine({ ...attributes, size, hashes: entry.hashes.join(',') });
}

/** Throws `store/torn` for what is no entry, `store/unsafe` for a path that leads out of its place. */
export function parseEntry(text: string): Entry {
  const line = parseLine(text);
  const path = requireInside(line.path);
  const { kind, link } = line;
  if (kind === 'hard-link') return { kind, path, first: requireInside(link) };
  if (kind === 'left-out') return { kind, path, what: link };
  const attributes = {
    path,
    mode: parseMode(line.mode, text),
    uid: parseCount(line.uid, text),
    gid: parseCount(line.gid, text),
    modifiedNs: parseNs(line.mtime, text),
  };
  if (kind === 'folder') return { kind, ...attributes };
  if (kind === 'link') return { kind, ...attributes, target: link };
  if (kind !== 'file') throw torn(text, 'the kind is unknown');
  const hashes = parseHashes(line.hashes, text);
  return { kind, ...attributes, sizeBytes: parseCount(line.size, text), hashes };
}

/** Of a line that `formatEntry` made of a file. */
export function hashesIn(line: string): readonly ObjectHash[] {
  return parseHashes(unescapeField(fieldOf(line, 6)), line);
}

/** Of a line that `formatEntry` made; 0 for what has no bytes of its own. */
export function sizeIn(line: string): number {
  return Number(unescapeField(fieldOf(line, 4)));
}

/** As it stands, without taking the line apart. */
function fieldOf(line: string, number: number): string {
  let start = 0;
  for (let passed = 0; passed < number; passed += 1) {
    const end = line.indexOf('\t', start);
    if (end < 0) return '';
    start = end + 1;
  }
  const end = line.indexOf('\t', start);
  return end < 0 ? line.slice(start) : line.slice(start, end);
}

/** Four octal digits. */
export function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Seconds with nine decimals, as `touch -d @…` takes them. */
export function formatNs(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const digits = String(size).padStart(10, '0');
  return `${nanoseconds < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

export function parseNs(text: string, line: string): bigint {
  const parts = /^(-?)(\d+)\.(\d{9})$/.exec(text);
  if (parts === null) throw torn(line, `${JSON.stringify(text)} is no time`);
  const size = BigInt(`${parts[2]}${parts[3]}`);
  return parts[1] === '-' ? -size : size;
}

export function parseCount(text: string, line: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw torn(line, `${JSON.stringify(text)} is no count`);
  return count;
}

/** The first field of a line. */
export function kindOf(line: string): string {
  return line.slice(0, Math.max(line.indexOf('\t'), 0));
}

/** An empty part, `.` or `..`. */
const leadingOut = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** A relative path that cannot leave its folder; else `store/unsafe`. */
export function requireInside(path: string): string {
  if (!leadingOut.test(path)) return path;
  throw new BackstepError('store/unsafe', {
    message: `${JSON.stringify(path)} is not a path inside a snapshot`,
    hint: 'do not restore this snapshot; find out who altered it',
  });
}

export function torn(line: string, why: string): BackstepError {
  return new BackstepError('store/torn', {
    message: `${JSON.stringify(line.slice(0, 200))}: ${why}`,
    hint: 'run `backstep verify`; take another snapshot if this one was altered',
  });
}

function parseMode(text: string, line: string): number {
  if (!/^[0-7]{4}$/.test(text)) throw torn(line, `${JSON.stringify(text)} is no mode`);
  return Number.parseInt(text, 8);
}

function parseHashes(text: string, line: string): readonly ObjectHash[] {
  const hashes = text === '' ? [] : text.split(',');
  if (!hashes.every(isObjectHash)) throw torn(line, 'a hash is not one');
  return hashes;
}
