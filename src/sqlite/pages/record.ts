import type { TableCursor } from './table-cursor.ts';

/** Bytes of a value by its serial type: https://www.sqlite.org/fileformat.html §2.1. */
const fixedSizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];

function sizeOf(serialType: number): number {
  return fixedSizes[serialType] ?? (serialType - (serialType % 2 === 0 ? 12 : 13)) / 2;
}

/** Goes through the header of one row. */
class HeaderReader {
  readonly #page: Buffer;
  #at: number;
  readonly end: number;
  /** Where the value of the column that is next begins. */
  body: number;

  constructor({ page, bodyStart }: TableCursor) {
    this.#page = page;
    this.#at = bodyStart;
    const size = this.next();
    this.end = bodyStart + size;
    this.body = this.end;
  }

  hasMore(): boolean {
    return this.#at < this.end;
  }

  /** A varint. Serial types are small; what is not is no row of ours. */
  next(): number {
    let value = 0;
    let byte = 0;
    do {
      byte = this.#page[this.#at++] ?? 0;
      value = value * 128 + (byte & 0x7f);
    } while (byte >= 0x80);
    return value;
  }
}

/**
 * Adds to `columns` the places (from 0) of the stored columns in which two rows differ. False where that cannot be
 * told from the leaves alone: a row that goes on elsewhere, or with fewer columns than the other.
 */
export function addDifferences(a: TableCursor, b: TableCursor, columns: Set<number>): boolean {
  if (a.payloadSize !== a.localSize || b.payloadSize !== b.localSize) return false;
  const [left, right] = [new HeaderReader(a), new HeaderReader(b)];
  const [endLeft, endRight] = [a.bodyStart + a.localSize, b.bodyStart + b.localSize];
  for (let column = 0; left.hasMore() && right.hasMore(); column++) {
    const type = left.next();
    const other = right.next();
    const [size, otherSize] = [sizeOf(type), sizeOf(other)];
    const [from, otherFrom] = [left.body, right.body];
    left.body += size;
    right.body += otherSize;
    if (left.body > endLeft || right.body > endRight) return false;
    if (type === other && isSame(a.page, from, { page: b.page, from: otherFrom, size })) continue;
    columns.add(column);
  }
  return !left.hasMore() && !right.hasMore();
}

function isSame(
  page: Buffer,
  from: number,
  other: { readonly page: Buffer; readonly from: number; readonly size: number },
): boolean {
  for (let n = 0; n < other.size; n++) {
    if (page[from + n] !== other.page[other.from + n]) return false;
  }
  return true;
}
