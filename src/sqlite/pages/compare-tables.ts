import { DiskError } from '../../host/disk-error.ts';
import type { Disk } from '../../host/disk.ts';
import { LayoutError, PageFile } from './page-file.ts';
import { addDifferences, type Difference } from './record.ts';
import { atOnce, type Turns } from './turns.ts';
import { TableCursor } from './table-cursor.ts';

/** A table with rowids in a database file at rest. */
export interface StoredTable {
  readonly path: string;
  /** The page at which its tree begins: `rootpage` of `sqlite_schema`. */
  readonly root: number;
}

export interface Compared {
  /** How many rows each side has: to be held against what SQLite counts. */
  readonly left: number;
  readonly right: number;
  /** Places (from 0) of the stored columns in which rows of both sides differ; null where that is not known. */
  readonly columns: ReadonlySet<number> | null;
}

/** Which side has the row, or both, with other bytes. */
export type Holder = 'left' | 'right' | 'both';
/** `isOther`: the rows of both sides hold another value for sure, and do not only store the same one in another way. */
export type Tell = (rowid: string, holder: Holder, isOther: boolean) => void;

/** Who is told what a comparison finds. */
export interface Listener {
  readonly tell: Tell;
  /** Now and then: how many more rows of the left side were passed. */
  readonly passed?: (rows: number) => void;
}

/** So many rows are passed before it is told. */
const passedRows = 50_000;
/** So many leaves are one turn. */
const turnLeaves = 4_096;

export interface TablePair {
  readonly left: StoredTable;
  readonly right: StoredTable;
}

/**
 * Tells every rowid under which two tables of one declaration do not store the same bytes: all rows that differ, and
 * now and then one that is the same, stored in another way. Pages that are equal in both are passed over as a whole,
 * so that the cost goes with what changed. Null where the files are not laid out alike, or not as SQLite lays them
 * out; what was told by then says nothing.
 */
export function compareTables(disk: Disk, pair: TablePair, listener: Listener): Compared | null {
  return atOnce(compareInTurns(disk, pair, listener));
}

/** The same in turns of some 10 ms, between which somebody else may do something. */
export function* compareInTurns(
  disk: Disk,
  { left, right }: TablePair,
  listener: Listener,
): Turns<Compared | null> {
  try {
    using a = PageFile.open(disk, left.path);
    using b = PageFile.open(disk, right.path);
    const isAlike =
      a.pageSize === b.pageSize && a.usableSize === b.usableSize && a.encoding === b.encoding;
    if (!isAlike) return null;
    const cursors = {
      a: new TableCursor(a, left.root),
      b: new TableCursor(b, right.root),
    };
    return yield* new Comparison(cursors.a, cursors.b, listener).run();
  } catch (error) {
    if (error instanceof LayoutError || error instanceof RangeError) return null;
    if (error instanceof DiskError) return null;
    throw error;
  }
}

/** One walk over two trees side by side. */
class Comparison {
  readonly #a: TableCursor;
  readonly #b: TableCursor;
  readonly #tell: Tell;
  readonly #passed: (rows: number) => void;
  readonly #overflow: readonly [Buffer, Buffer];
  readonly #columns = new Set<number>();
  #isColumnsKnown = true;
  #left = 0;
  #right = 0;

  constructor(a: TableCursor, b: TableCursor, { tell, passed = () => {} }: Listener) {
    this.#a = a;
    this.#b = b;
    this.#tell = tell;
    this.#passed = passed;
    this.#overflow = [Buffer.alloc(a.file.pageSize), Buffer.alloc(b.file.pageSize)];
  }

  *run(): Turns<Compared> {
    const [a, b] = [this.#a, this.#b];
    let hasA = toCell(a);
    let hasB = toCell(b);
    let told = 0;
    for (let leaves = 1; hasA && hasB; leaves++) {
      if (leaves % turnLeaves === 0) yield;
      if (a.cell === 0 && b.cell === 0 && this.#isSameLeaf()) {
        this.#left += a.cellCount;
        this.#right += b.cellCount;
        a.cell = a.cellCount;
        b.cell = b.cellCount;
      } else {
        this.#compareCells();
      }
      if (this.#left - told >= passedRows) {
        this.#passed(this.#left - told);
        told = this.#left;
      }
      hasA = toCell(a);
      hasB = toCell(b);
    }
    for (; hasA; hasA = toCell(a)) this.#left += this.#tellRest(a, 'left');
    for (; hasB; hasB = toCell(b)) this.#right += this.#tellRest(b, 'right');
    this.#passed(this.#left - told);
    const columns = this.#isColumnsKnown ? this.#columns : null;
    return { left: this.#left, right: this.#right, columns };
  }

  #isSameLeaf(): boolean {
    const [a, b] = [this.#a, this.#b];
    return a.cellCount === b.cellCount && a.page.equals(b.page) && !a.hasOverflow();
  }

  /** Goes on side by side until one leaf ends. */
  #compareCells(): void {
    const [a, b] = [this.#a, this.#b];
    a.readCell();
    b.readCell();
    for (;;) {
      const order = a.rowHigh - b.rowHigh || a.rowLow - b.rowLow;
      if (order < 0) this.#tell(rowidOf(a), 'left', false);
      else if (order > 0) this.#tell(rowidOf(b), 'right', false);
      else if (!this.#isSameRow()) this.#tellBoth();
      if (order <= 0) {
        a.cell++;
        this.#left++;
      }
      if (order >= 0) {
        b.cell++;
        this.#right++;
      }
      if (a.cell === a.cellCount || b.cell === b.cellCount) return;
      if (order <= 0) a.readCell();
      if (order >= 0) b.readCell();
    }
  }

  #tellBoth(): void {
    let found: Difference = 'unknown';
    if (this.#isColumnsKnown) {
      found = addDifferences(this.#a, this.#b, this.#columns);
      this.#isColumnsKnown = found !== 'unknown';
    }
    this.#tell(rowidOf(this.#a), 'both', found === 'value');
  }

  #tellRest(cursor: TableCursor, holder: Holder): number {
    const count = cursor.cellCount - cursor.cell;
    for (; cursor.cell < cursor.cellCount; cursor.cell++) {
      cursor.readCell();
      this.#tell(rowidOf(cursor), holder, false);
    }
    return count;
  }

  #isSameRow(): boolean {
    const [a, b] = [this.#a, this.#b];
    if (a.payloadSize !== b.payloadSize) return false;
    const [fromA, fromB] = [a.bodyStart, b.bodyStart];
    const order = a.page.compare(b.page, fromB, fromB + b.localSize, fromA, fromA + a.localSize);
    if (order !== 0) return false;
    return a.payloadSize === a.localSize || this.#isSameOverflow();
  }

  #isSameOverflow(): boolean {
    const [a, b] = [this.#a, this.#b];
    const [left, right] = this.#overflow;
    let [nextA, nextB] = [a.overflowOf(), b.overflowOf()];
    for (let rest = a.payloadSize - a.localSize; rest > 0;) {
      a.file.read(nextA, left);
      b.file.read(nextB, right);
      const here = Math.min(rest, a.file.usableSize - 4);
      if (left.compare(right, 4, 4 + here, 4, 4 + here) !== 0) return false;
      rest -= here;
      [nextA, nextB] = [left.readUInt32BE(0), right.readUInt32BE(0)];
    }
    return true;
  }
}

/** Goes to a leaf that has a cell left; false where there is none. */
function toCell(cursor: TableCursor): boolean {
  while (cursor.cell === cursor.cellCount) if (!cursor.nextLeaf()) return false;
  return true;
}

/** Decimal; a rowid may be larger than a number can tell exactly. */
function rowidOf({ rowHigh, rowLow }: TableCursor): string {
  const isExact = rowHigh >= -0x200000 && rowHigh < 0x200000;
  if (isExact) return String(rowHigh * 0x1_0000_0000 + rowLow);
  return String((BigInt(rowHigh) << 32n) | BigInt(rowLow));
}
