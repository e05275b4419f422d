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
 * What two rows of other bytes tell: `value` that some column holds another value, `bytes` that the same value may be
 * stored in another way, `unknown` that the leaves alone do not tell which columns differ: a row goes on elsewhere, or has
 * fewer columns than the other.
 */
export type Difference = 'value' | 'bytes' | 'unknown';

/** Adds to `columns` the places (from 0) of the stored columns in which two rows differ, as far as it is known. */
export function addDifferences(a: TableCursor, b: TableCursor, columns: Set<number>): Difference {
  if (a.payloadSize !== a.localSize || b.payloadSize !== b.localSize) return 'unknown';
  const [left, right] = [new HeaderReader(a), new HeaderReader(b)];
  const [endLeft, endRight] = [a.bodyStart + a.localSize, b.bodyStart + b.localSize];
  let found: Difference = 'bytes';
  for (let column = 0; left.hasMore() && right.hasMore(); column++) {
    const type = left.next();
    const other = right.next();
    const [size, otherSize] = [sizeOf(type), sizeOf(other)];
    const [from, otherFrom] = [left.body, right.body];
    left.body += size;
    right.body += otherSize;
    if (left.body > endLeft || right.body > endRight) return 'unknown';
    if (type === other && isSame(a.page, from, { page: b.page, from: otherFrom, size })) continue;
    columns.add(column);
    if (isOtherValue(type, other)) found = 'value';
  }
  return left.hasMore() || right.hasMore() ? 'unknown' : found;
}

/**
 * Whether values of these serial types that are stored with other bytes are other values: texts, blobs, integers of one
 * width, and NULL beside anything. Numbers of two types may be equal, and so may zeros of two signs.
 */
function isOtherValue(type: number, other: number): boolean {
  if (type >= 12 && other >= 12) return type % 2 === other % 2;
  if (type === other) return type <= 6;
  return type === 0 || other === 0;
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
