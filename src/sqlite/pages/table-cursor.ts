import { LayoutError, type PageFile } from './page-file.ts';

/** Kinds of pages: https://www.sqlite.org/fileformat.html §1.6. */
const tableInterior = 5;
const tableLeaf = 13;
/** Bytes of a page's header. */
const interiorHeader = 12;
const leafHeader = 8;
/** No tree of 2^32 pages is deeper. */
const maxDepth = 40;

interface Level {
  readonly page: Buffer;
  readonly childCount: number;
  next: number;
}

/**
 * Walks the leaves of one table's tree in the order of its rowids, and the cells of a leaf. What it found last stands
 * in its fields: the leaf, then the cell. Throws `LayoutError`.
 */
export class TableCursor {
  readonly file: PageFile;
  /** The leaf. */
  readonly page: Buffer;
  cellCount = 0;
  /** Which cell is next. */
  cell = 0;
  /** The cell's rowid, as the upper (signed) and the lower 32 bits. */
  rowHigh = 0;
  rowLow = 0;
  /** Bytes of the row in all, and those of them that the leaf holds, from `bodyStart` on. */
  payloadSize = 0;
  localSize = 0;
  bodyStart = 0;
  readonly #levels: Level[] = [];
  #waiting: number;
  readonly #largestLocal: number;
  readonly #smallestLocal: number;

  constructor(file: PageFile, root: number) {
    this.file = file;
    this.page = Buffer.allocUnsafe(file.pageSize);
    this.#waiting = root;
    this.#largestLocal = file.usableSize - 35;
    this.#smallestLocal = Math.floor(((file.usableSize - 12) * 32) / 255) - 23;
  }

  /** Goes to the next leaf; false after the last one. */
  nextLeaf(): boolean {
    let number = this.#waiting === 0 ? this.#nextChild() : this.#waiting;
    this.#waiting = 0;
    for (;;) {
      if (number === 0) return false;
      this.file.read(number, this.page);
      const kind = this.page[0];
      if (kind === tableLeaf) break;
      if (kind !== tableInterior || this.#levels.length === maxDepth) {
        throw new LayoutError(`page ${number} is none of a table`);
      }
      this.#levels.push({
        page: Buffer.from(this.page),
        childCount: this.page.readUInt16BE(3) + 1,
        next: 0,
      });
      number = this.#nextChild();
    }
    this.cellCount = this.page.readUInt16BE(3);
    this.cell = 0;
    if (leafHeader + this.cellCount * 2 > this.page.length) throw new LayoutError('too many cells');
    return true;
  }

  /** The page number of the next child, 0 where there is none left. */
  #nextChild(): number {
    for (;;) {
      const level = this.#levels.at(-1);
      if (level === undefined) return 0;
      const child = level.next++;
      if (child === level.childCount - 1) return level.page.readUInt32BE(8);
      if (child < level.childCount) {
        const pointer = interiorHeader + child * 2;
        if (pointer + 2 > level.page.length) throw new LayoutError('too many children');
        const start = level.page.readUInt16BE(pointer);
        if (start + 4 > level.page.length) throw new LayoutError('a child lies outside its page');
        return level.page.readUInt32BE(start);
      }
      this.#levels.pop();
    }
  }

  /** Reads the cell that is next into the fields; does not go on. */
  readCell(): void {
    const { page } = this;
    const pointer = leafHeader + this.cell * 2;
    let at = ((page[pointer] ?? 0) << 8) | (page[pointer + 1] ?? 0);
    let size = 0;
    let byte = 0;
    do {
      byte = page[at++] ?? 0;
      size = size * 128 + (byte & 0x7f);
    } while (byte >= 0x80);
    this.payloadSize = size;
    let [high, low] = [0, 0];
    for (let count = 1; ; count++) {
      byte = page[at++] ?? 0;
      // The ninth byte of a varint has eight bits.
      const bits = count === 9 ? 8 : 7;
      high = (high << bits) | (low >>> (32 - bits));
      low = ((low << bits) | (count === 9 ? byte : byte & 0x7f)) >>> 0;
      if (byte < 0x80 || count === 9) break;
    }
    this.rowHigh = high | 0;
    this.rowLow = low;
    this.bodyStart = at;
    this.localSize = this.#localOf(size);
    if (at + this.localSize > page.length) throw new LayoutError('a row lies outside its page');
  }

  #localOf(size: number): number {
    if (size <= this.#largestLocal) return size;
    const left = (size - this.#smallestLocal) % (this.file.usableSize - 4);
    const local = this.#smallestLocal + left;
    return local <= this.#largestLocal ? local : this.#smallestLocal;
  }

  /** The page on which the cell's row goes on; 0 where it ends here. */
  overflowOf(): number {
    if (this.payloadSize === this.localSize) return 0;
    return this.page.readUInt32BE(this.bodyStart + this.localSize);
  }

  /** True where some row of the leaf goes on elsewhere. */
  hasOverflow(): boolean {
    const { page } = this;
    for (let cell = 0; cell < this.cellCount; cell++) {
      const pointer = leafHeader + cell * 2;
      let at = ((page[pointer] ?? 0) << 8) | (page[pointer + 1] ?? 0);
      let byte = page[at] ?? 0;
      let size = byte & 0x7f;
      while (byte >= 0x80) {
        byte = page[++at] ?? 0;
        size = size * 128 + (byte & 0x7f);
      }
      if (size > this.#largestLocal) return true;
    }
    return false;
  }
}
