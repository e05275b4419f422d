import { join } from 'node:path/posix';
import type { Disk, DiskFile } from '../host/disk.ts';
import { parseLine, type AuditLine } from './line.ts';

/** One month of the log. */
export interface Segment {
  /** `2026-01` */
  readonly month: string;
  readonly path: string;
}

/** A line of a segment as it lies there. */
export interface FoundLine {
  readonly month: string;
  /** From 1 within the segment. */
  readonly number: number;
  /** Without its newline. */
  readonly bytes: Buffer;
  /** False for what a crash cut short: what stands after the last newline, or a last line with zeros in it. */
  readonly isWhole: boolean;
}

const nameForm = /^(\d{4}-(?:0[1-9]|1[0-2]))\.jsonl$/;
const blockBytes = 1 << 20;
/** A last line is sought in so much at first. */
const tailBytes = 1 << 16;

export function segmentPath(folder: string, month: string): string {
  return join(folder, `${month}.jsonl`);
}

/** `2026-01-31T…` → `2026-01` */
export function monthOf(ts: string): string {
  return ts.slice(0, 7);
}

/** Oldest first. */
export function segmentsIn(disk: Disk, folder: string): Segment[] {
  if (disk.lstat(folder)?.kind !== 'folder') return [];
  return disk.list(folder).flatMap((name) => {
    const month = nameForm.exec(name)?.[1];
    return month === undefined ? [] : [{ month, path: join(folder, name) }];
  });
}

/** Every line of a segment; holds one block of it in memory. */
export function* linesOf(disk: Disk, segment: Segment): Generator<FoundLine> {
  let held: FoundLine | null = null;
  for (const next of linesAsTheyLie(disk, segment)) {
    if (held !== null) yield held;
    held = next;
  }
  if (held !== null) yield { ...held, isWhole: held.isWhole && !hasLostBlock(held.bytes) };
}

/**
 * A loss of power may leave zeros in the place of a block of the last line. No line was ever written with one, and this
 * one was not yet durable.
 */
function hasLostBlock(line: Buffer): boolean {
  return line.includes(0);
}

function* linesAsTheyLie(disk: Disk, { month, path }: Segment): Generator<FoundLine> {
  const file = disk.openRead(path);
  try {
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (let position = 0; ;) {
      const block = Buffer.allocUnsafe(blockBytes);
      const count = file.read(block, position);
      if (count === 0) break;
      position += count;
      const bytes = Buffer.concat([rest, block.subarray(0, count)]);
      let begin = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, begin)) {
        number += 1;
        yield { month, number, bytes: bytes.subarray(begin, end), isWhole: true };
        begin = end + 1;
      }
      rest = bytes.subarray(begin);
    }
    if (rest.length > 0) yield { month, number: number + 1, bytes: rest, isWhole: false };
  } finally {
    file.close();
  }
}

/** Where the next line of a segment goes, and what it follows. */
export interface SegmentEnd {
  /** Where the last whole line ends. */
  readonly wholeBytes: number;
  /** What stands after it: a line that a crash cut short, or of which it lost a block. */
  readonly torn: Buffer;
  /** Null where the segment is empty, or its last whole line is none. */
  readonly last: AuditLine | null;
}

export function endOfSegment(disk: Disk, { path }: Segment): SegmentEnd {
  const file = disk.openRead(path);
  try {
    const { sizeBytes } = file.stat();
    for (let window = tailBytes; ; window *= 8) {
      const from = Math.max(0, sizeBytes - window);
      const end = endWithin(readFrom(file, from, sizeBytes), from);
      if (end !== null) return end;
    }
  } finally {
    file.close();
  }
}

function readFrom(file: DiskFile, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  return bytes.subarray(0, file.read(bytes, from));
}

/** Null where the last whole line begins before the bytes that were read. */
function endWithin(bytes: Buffer, from: number): SegmentEnd | null {
  const newline = bytes.lastIndexOf(0x0a);
  if (newline < 0) return from > 0 ? null : { wholeBytes: 0, torn: bytes, last: null };
  const begin = lineBegin(bytes, newline);
  if (begin === 0 && from > 0) return null;
  const torn = bytes.subarray(newline + 1);
  const line = bytes.subarray(begin, newline);
  if (torn.length > 0 || !hasLostBlock(line)) {
    return { wholeBytes: from + newline + 1, torn, last: parseLine(line) };
  }
  if (begin === 0) return { wholeBytes: 0, torn: bytes, last: null };
  const before = lineBegin(bytes, begin - 1);
  if (before === 0 && from > 0) return null;
  return {
    wholeBytes: from + begin,
    torn: bytes.subarray(begin),
    last: parseLine(bytes.subarray(before, begin - 1)),
  };
}

/** Where the line begins that ends with this newline. */
function lineBegin(bytes: Buffer, newline: number): number {
  return newline === 0 ? 0 : bytes.lastIndexOf(0x0a, newline - 1) + 1;
}
