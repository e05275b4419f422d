/** Kinds of pages: https://www.sqlite.org/fileformat.html §1.6. */
const tableInterior = 5;
const tableLeaf = 13;
const headerBytes = { interior: 12, leaf: 8 } as const;
/** Offsets in a page's header. */
const at = { freeblock: 1, cellCount: 3, content: 5, fragments: 7, lastChild: 8 } as const;
/** A smaller cell or freeblock takes as much all the same. */
const smallestSpan = 4;

export interface TableRow {
  readonly rowid: bigint;
  /** Where the row goes on, and how many bytes of it stand there; null where it does not. */
  readonly overflow: { readonly first: number; readonly sizeBytes: number } | null;
}

/** A page of a table's tree. */
export interface TablePage {
  /** Of a leaf, its rows; else the largest rowid below each child but the last. In the order in which they stand. */
  readonly rows: readonly TableRow[];
  /** Page numbers, one more than rows; null of a leaf. */
  readonly children: readonly number[] | null;
}

/** Bytes of a page that a cell or a freeblock takes, `to` not included. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Cell extends Span {
  readonly row: TableRow;
  readonly child: number;
}

/**
 * Reads a page of a table, other than the file's first one. Null where it is none, or where one byte of it is not
 * accounted for: cells, freeblocks and fragments fill what the header says, and nothing twice.
 */
export function readTablePage(page: Buffer, usableSize: number): TablePage | null {
  const kind = page[0];
  if (kind !== tableInterior && kind !== tableLeaf) return null;
  const isLeaf = kind === tableLeaf;
  const header = isLeaf ? headerBytes.leaf : headerBytes.interior;
  const cellCount = page.readUInt16BE(at.cellCount);
  const content = page.readUInt16BE(at.content) || 65_536;
  if (header + cellCount * 2 > content || content > usableSize) return null;
  const cells: Cell[] = [];
  for (let n = 0; n < cellCount; n += 1) {
    const from = page.readUInt16BE(header + n * 2);
    const cell = isLeaf ? leafCell(page, from, usableSize) : interiorCell(page, from);
    if (cell === null) return null;
    cells.push(cell);
  }
  const free = freeblocks(page, usableSize);
  const filled = { from: content, to: usableSize };
  if (free === null || gapsOf([...cells, ...free], filled) !== page[at.fragments]) return null;
  const rows = cells.map(({ row }) => row);
  if (isLeaf) return { rows, children: null };
  return { rows, children: [...cells.map(({ child }) => child), page.readUInt32BE(at.lastChild)] };
}

function leafCell(page: Buffer, from: number, usableSize: number): Cell | null {
  const payload = readVarint(page, from);
  if (payload === null) return null;
  const rowid = readVarint(page, payload.end);
  const size = Number(payload.value);
  if (rowid === null || size > 0x7fff_ffff) return null;
  const local = localBytes(size, usableSize);
  const end = rowid.end + local + (local === size ? 0 : 4);
  if (end > usableSize) return null;
  const overflow =
    local === size ? null : { first: page.readUInt32BE(end - 4), sizeBytes: size - local };
  const row = { rowid: BigInt.asIntN(64, rowid.value), overflow };
  return { row, child: 0, from, to: Math.max(end, from + smallestSpan) };
}

function interiorCell(page: Buffer, from: number): Cell | null {
  if (from + 4 > page.length) return null;
  const rowid = readVarint(page, from + 4);
  if (rowid === null) return null;
  const row = { rowid: BigInt.asIntN(64, rowid.value), overflow: null };
  return { row, child: page.readUInt32BE(from), from, to: rowid.end };
}

/** How much of a row its leaf holds. */
function localBytes(size: number, usableSize: number): number {
  const largest = usableSize - 35;
  if (size <= largest) return size;
  const smallest = Math.floor(((usableSize - 12) * 32) / 255) - 23;
  const local = smallest + ((size - smallest) % (usableSize - 4));
  return local <= largest ? local : smallest;
}

/** Null where it does not end within the page. */
function readVarint(page: Buffer, from: number): { value: bigint; end: number } | null {
  let value = 0n;
  for (let n = 0; n < 9; n += 1) {
    const byte = page[from + n];
    if (byte === undefined) return null;
    if (n === 8) return { value: (value << 8n) | BigInt(byte), end: from + 9 };
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return { value, end: from + n + 1 };
  }
  return null;
}

/** They stand in ascending order. */
function freeblocks(page: Buffer, usableSize: number): readonly Span[] | null {
  const spans: Span[] = [];
  for (let from = page.readUInt16BE(at.freeblock); from !== 0;) {
    if (from + smallestSpan > usableSize) return null;
    const to = from + page.readUInt16BE(from + 2);
    const next = page.readUInt16BE(from);
    if (to < from + smallestSpan || (next !== 0 && next < to)) return null;
    spans.push({ from, to });
    from = next;
  }
  return spans;
}

/** How many bytes no span takes; null where two spans meet, or one leaves its place. */
function gapsOf(spans: readonly Span[], { from, to }: Span): number | null {
  let gaps = 0;
  let end = from;
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    if (span.from < end || span.to > to) return null;
    gaps += span.from - end;
    end = span.to;
  }
  return gaps + to - end;
}
