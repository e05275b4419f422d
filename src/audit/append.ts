import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { DiskFile } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { readHead, writeHead } from './head.ts';
import {
  currentSigner,
  makeNextSigner,
  nextSigner,
  promoteNextSigner,
  type Signer,
} from './keys.ts';
import { formatLine, noHash, parseLine, type AuditEntry } from './line.ts';
import { checkpointText, keyData, keyText, ownActs } from './own-lines.ts';
import {
  endOfSegment,
  linesOf,
  monthOf,
  segmentPath,
  segmentsIn,
  type Segment,
} from './segments.ts';

/** A checkpoint follows the line that is so many after the last one, or so long. */
const linesBetweenCheckpoints = 64;
const timeBetweenCheckpointsMs = 5 * 60_000;

export interface Pen {
  readonly host: Host;
  readonly folder: string;
  /** The pseudonym of who acts. */
  readonly actor: string;
}

/** Where the next line goes. */
interface End {
  readonly month: string;
  /** Null: the segment is to be made. */
  readonly position: number | null;
  readonly seq: number;
  readonly hash: string;
  /** What a crash cut short, to be taken away; null where nothing was. */
  readonly torn: { readonly path: string; readonly wholeBytes: number } | null;
  /** What the log says of itself before anything else is said. */
  readonly repairs: readonly AuditEntry[];
}

/**
 * Appends the entries, and what the log has to say of itself, each line durable before the next: so a crash leaves at
 * most one line that is not whole. The caller is the only writer.
 */
export function appendLines(
  pen: Pen,
  entries: readonly AuditEntry[],
  { closes }: { readonly closes: boolean },
): void {
  const { host, folder } = pen;
  const now = new Date(host.clock.now()).toISOString();
  const end = endOfLog(pen, now);
  const signer = signerInUse(pen);
  const chain = new Chain(pen.actor, now, end);
  const isKeyChanged = end.position === null || signer === null;
  const signing = isKeyChanged ? chain.changeKey(host, folder, signer) : signer;
  for (const entry of [...end.repairs, ...entries]) chain.add(entry);
  const isDue = closes || isCheckpointDue(host, folder, chain.seq);
  if (isDue) chain.checkpoint(signing);
  if (end.torn !== null) cut(host, end.torn);
  write(pen, end, chain.lines);
  if (isKeyChanged) promoteNextSigner(host, folder);
  if (isDue) writeHead(host, folder, { seq: chain.seq, hash: chain.hash, ts: now });
}

/** Lines that are about to be written, each on the hash of the one before. */
class Chain {
  seq: number;
  hash: string;
  readonly #actor: string;
  readonly #ts: string;
  readonly lines: Buffer[] = [];

  constructor(actor: string, ts: string, end: End) {
    this.#actor = actor;
    this.#ts = ts;
    this.seq = end.seq;
    this.hash = end.hash;
  }

  add({ act, run, data }: AuditEntry): void {
    const { seq, hash: prev } = this;
    const at = { v: 1, seq: seq + 1, ts: this.#ts, actor: this.#actor } as const;
    const { bytes, hash } = formatLine({ ...at, act, run, data: { ...data }, prev });
    assert(
      parseLine(bytes.subarray(0, -1)) !== null,
      'a line of the audit log that cannot be read',
    );
    this.lines.push(bytes);
    this.seq += 1;
    this.hash = hash;
  }

  checkpoint(signer: Signer): void {
    const signature = signer.sign(checkpointText({ seq: this.seq, hash: this.hash }));
    this.add({ act: ownActs.checkpoint, run: null, data: { signature } });
  }

  /** From here on another key signs; the old one vouches for it, where it is still there. */
  changeKey(host: Host, folder: string, old: Signer | null): Signer {
    const next = makeNextSigner(host, folder);
    const text = keyText(next.publicKey, { seq: this.seq + 1, prev: this.hash });
    const by = old?.publicKey ?? null;
    const signature = old?.sign(text) ?? null;
    this.add({ act: ownActs.key, run: null, data: { key: next.publicKey, by, signature } });
    return next;
  }
}

function write({ host, folder }: Pen, { month, position }: End, lines: readonly Buffer[]): void {
  const { disk } = host;
  const path = segmentPath(folder, month);
  const file = position === null ? disk.create(path, 0o600) : disk.openWrite(path);
  try {
    let at = position ?? 0;
    for (const line of lines) {
      file.write(line, at);
      syncOrCut(file, at);
      at += line.length;
    }
  } finally {
    file.close();
  }
  if (position === null) disk.syncFolder(folder);
}

/** What a failed sync leaves is read from the cache and may never reach the disk: no line may follow it. */
function syncOrCut(file: DiskFile, wholeBytes: number): void {
  try {
    file.sync();
  } catch (error) {
    file.truncate(wholeBytes);
    throw error;
  }
}

function cut(
  { disk }: Host,
  { path, wholeBytes }: { readonly path: string; readonly wholeBytes: number },
): void {
  const file = disk.openWrite(path);
  try {
    file.truncate(wholeBytes);
    file.sync();
  } finally {
    file.close();
  }
}

/** A clock that goes back does not: lines go to the newest month that there is. */
function endOfLog({ host, folder }: Pen, now: string): End {
  const { disk } = host;
  const newest = segmentsIn(disk, folder).at(-1);
  const month = monthOf(now);
  if (newest === undefined) {
    return { month, position: null, seq: 0, hash: noHash, torn: null, repairs: [] };
  }
  const { wholeBytes, torn, last } = endOfSegment(disk, newest);
  const { seq, hash } = last ?? lastKnown({ host, folder }, newest, wholeBytes);
  const isBroken = last === null && wholeBytes > 0;
  const rest = {
    seq,
    hash,
    torn: torn.length === 0 ? null : { path: newest.path, wholeBytes },
    repairs: [
      ...(isBroken ? [brokenEntry(newest, wholeBytes)] : []),
      ...(torn.length === 0 ? [] : [tornEntry(torn)]),
    ],
  };
  const isNewMonth = newest.month < month;
  return isNewMonth
    ? { month, position: null, ...rest }
    : { month: newest.month, position: wholeBytes, ...rest };
}

function tornEntry(torn: Buffer): AuditEntry {
  const sha256 = createHash('sha256').update(torn).digest('hex');
  return { act: ownActs.torn, run: null, data: { sizeBytes: torn.length, sha256 } };
}

/** The log goes on although somebody damaged it: a rollback is not held up by that, and `verify` tells where. */
function brokenEntry({ month }: Segment, sizeBytes: number): AuditEntry {
  return { act: ownActs.broken, run: null, data: { month, sizeBytes } };
}

/** The last line that can be read, or the head, whichever is later; an empty segment goes on from what came before. */
function lastKnown(
  { host, folder }: Omit<Pen, 'actor'>,
  newest: Segment,
  wholeBytes: number,
): { readonly seq: number; readonly hash: string } {
  const head = readHead(host, folder) ?? { seq: 0, hash: noHash };
  const before = segmentsIn(host.disk, folder).at(-2);
  const earlier = before === undefined ? null : endOfSegment(host.disk, before).last;
  if (wholeBytes === 0) return earlier ?? head;
  let found: { seq: number; hash: string } = head;
  for (const { bytes } of linesOf(host.disk, newest)) {
    const line = parseLine(bytes);
    if (line !== null && line.seq >= found.seq) found = line;
  }
  return found;
}

/**
 * The key that the log named last. A crash may have come between the line and the key's being put to use; null
 * where the key is lost.
 */
function signerInUse({ host, folder }: Pen): Signer | null {
  const { disk } = host;
  const next = nextSigner(disk, folder);
  if (next !== null && keyNamedLast({ host, folder }) === next.publicKey) {
    promoteNextSigner(host, folder);
    return next;
  }
  return currentSigner(disk, folder);
}

function keyNamedLast({ host, folder }: Omit<Pen, 'actor'>): string | null {
  for (const segment of segmentsIn(host.disk, folder).toReversed()) {
    const named = [...linesOf(host.disk, segment)].flatMap(({ bytes }) => {
      const line = parseLine(bytes);
      const read = line?.act === ownActs.key ? keyData.safeParse(line.data) : null;
      return read?.success === true ? [read.data.key] : [];
    });
    const last = named.at(-1);
    if (last !== undefined) return last;
  }
  return null;
}

function isCheckpointDue(host: Host, folder: string, seq: number): boolean {
  const head = readHead(host, folder);
  if (head === null) return true;
  const agoMs = Math.abs(host.clock.now() - Date.parse(head.ts));
  return seq - head.seq >= linesBetweenCheckpoints || agoMs >= timeBetweenCheckpointsMs;
}
