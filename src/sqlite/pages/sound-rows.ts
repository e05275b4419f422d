import { DiskError } from '../../host/disk-error.ts';
import type { Disk } from '../../host/disk.ts';
import type { StoredTable } from './compare-tables.ts';
import { LayoutError, PageFile } from './page-file.ts';
import { readTablePage, type TablePage, type TableRow } from './table-page.ts';

/** Rowids from `lo` to `hi`, both of them included. */
export interface RowidRange {
  readonly lo: bigint;
  readonly hi: bigint;
}

export const smallestRowid = -(2n ** 63n);
export const largestRowid = 2n ** 63n - 1n;
export const everyRowid: RowidRange = { lo: smallestRowid, hi: largestRowid };

/** No tree of 2^32 pages is deeper. */
const maxDepth = 40;

/**
 * The rowids that are known of a table in a damaged file at rest, in ascending order: their leaf and every page above it
 * is laid out to the byte as SQLite lays it out. A rowid in there is that of a row that is whole, or of none. Empty where
 * nothing is known. What stands in a cell is not judged: SQLite keeps no checksums.
 */
export function soundRowids(disk: Disk, { path, root }: StoredTable): readonly RowidRange[] {
  const found: RowidRange[] = [];
  try {
    using file = PageFile.open(disk, path);
    const state: Walk = { file, found, bytes: Buffer.alloc(file.pageSize), from: smallestRowid };
    walk(state, { number: root, bounds: everyRowid, depth: 0 });
    if (state.from !== null) add(found, { lo: state.from, hi: largestRowid });
  } catch (error) {
    if (!(error instanceof LayoutError || error instanceof DiskError)) throw error;
    return [];
  }
  return found;
}

interface Walk {
  readonly file: PageFile;
  readonly found: RowidRange[];
  /** A page, while it is looked at. */
  readonly bytes: Buffer;
  /** Where what is known begins that was not found yet; null after a page that is not sound, up to the next row. */
  from: bigint | null;
  /** The last row so far. */
  last?: bigint;
  /** How deep the leaves lie: all of them the same. */
  leafDepth?: number;
}

interface Place {
  readonly number: number;
  /** What the pages above say of its rowids. */
  readonly bounds: RowidRange;
  readonly depth: number;
}

function walk(state: Walk, { number, bounds, depth }: Place): void {
  const page = depth > maxDepth ? null : readPage(state, number);
  // Only the root of an empty table has no row.
  const isEmpty = page?.children === null && page.rows.length === 0 && depth > 0;
  if (page === null || isEmpty || !isWithin(page, bounds)) {
    breakOff(state);
    return;
  }
  if (page.children === null) {
    state.leafDepth ??= depth;
    if (state.leafDepth !== depth)
      throw new LayoutError(`a leaf takes the place of others: ${number}`);
    passLeaf(state, page.rows);
    return;
  }
  let { lo } = bounds;
  for (const [at, child] of page.children.entries()) {
    const hi = page.rows[at]?.rowid ?? bounds.hi;
    walk(state, { number: child, bounds: { lo, hi }, depth: depth + 1 });
    lo = hi + 1n;
  }
}

/** Between the last row and the next one anything may have stood. */
function breakOff(state: Walk): void {
  if (state.from !== null && state.last !== undefined) {
    add(state.found, { lo: state.from, hi: state.last });
  }
  state.from = null;
}

function readPage({ file, bytes }: Walk, number: number): TablePage | null {
  try {
    // The first page is never one of a table that was made.
    if (number < 2) return null;
    file.read(number, bytes);
  } catch (error) {
    if (error instanceof LayoutError || error instanceof DiskError) return null;
    throw error;
  }
  return readTablePage(bytes, file.usableSize);
}

function isWithin({ rows }: TablePage, { lo, hi }: RowidRange): boolean {
  let least = lo;
  for (const { rowid } of rows) {
    if (rowid < least || rowid > hi) return false;
    least = rowid + 1n;
  }
  return true;
}

/** Rows that go on in pages that are not what they should be are not known. */
function passLeaf(state: Walk, rows: readonly TableRow[]): void {
  for (const { rowid, overflow } of rows) {
    state.from ??= rowid;
    state.last = rowid;
    if (overflow === null || isWholeChain(state.file, overflow)) continue;
    add(state.found, { lo: state.from, hi: rowid - 1n });
    state.from = rowid + 1n;
  }
}

/** It has as many pages as the row needs, the last of which says that it is the last. */
function isWholeChain(file: PageFile, { first, sizeBytes }: NonNullable<TableRow['overflow']>) {
  const bytes = Buffer.alloc(file.pageSize);
  let next = first;
  try {
    for (let rest = sizeBytes; rest > 0; rest -= file.usableSize - 4) {
      if (next < 2) return false;
      file.read(next, bytes);
      next = bytes.readUInt32BE(0);
    }
  } catch (error) {
    if (error instanceof LayoutError || error instanceof DiskError) return false;
    throw error;
  }
  return next === 0;
}

function add(found: RowidRange[], { lo, hi }: RowidRange): void {
  if (lo > hi) return;
  const last = found.at(-1);
  if (last?.hi === lo - 1n) found[found.length - 1] = { lo: last.lo, hi };
  else found.push({ lo, hi });
}
