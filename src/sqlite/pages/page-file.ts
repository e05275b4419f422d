import type { Disk, DiskFile } from '../../host/disk.ts';

/** Thrown where a file is not laid out as SQLite lays it out; who compares pages then compares rows. */
export class LayoutError extends Error {}

/** Offsets in the header of a database file: https://www.sqlite.org/fileformat.html §1.3. */
const header = { pageSize: 16, reserved: 20, pageCount: 28, encoding: 56, bytes: 100 } as const;
const magic = 'SQLite format 3\0';

/** A window is read in one go; so many of them are kept. */
const windowBytes = 262_144;
const windowCount = 16;

interface Window {
  readonly bytes: Buffer;
  /** Which window of the file lies there, -1 for none. */
  index: number;
  length: number;
}

/** The pages of a database file that nobody writes and beside which nothing waits. `close()` ends it. */
export class PageFile {
  readonly pageSize: number;
  /** What of a page holds content: the rest is reserved for extensions. */
  readonly usableSize: number;
  /** 1 UTF-8, 2 and 3 UTF-16. */
  readonly encoding: number;
  readonly #file: DiskFile;
  readonly #windows: Window[] = [];
  #oldest = 0;

  private constructor(file: DiskFile, first: Buffer) {
    const written = first.readUInt16BE(header.pageSize);
    this.pageSize = written === 1 ? 65_536 : written;
    this.usableSize = this.pageSize - first.readUInt8(header.reserved);
    this.encoding = first.readUInt32BE(header.encoding);
    this.#file = file;
  }

  /** Throws `LayoutError` where it is no database, DiskError where it cannot be read. */
  static open(disk: Disk, path: string): PageFile {
    const file = disk.openRead(path);
    const first = Buffer.alloc(header.bytes);
    const isWhole = file.read(first, 0) === header.bytes;
    if (isWhole && first.toString('latin1', 0, magic.length) === magic) {
      return new PageFile(file, first);
    }
    file.close();
    throw new LayoutError(`${path} is no database`);
  }

  /** Copies page `number` (the first is 1) to the start of `into`. */
  read(number: number, into: Buffer): void {
    const start = (number - 1) * this.pageSize;
    const window = this.#windowOf(Math.floor(start / windowBytes));
    const from = start % windowBytes;
    if (number < 1 || from + this.pageSize > window.length) {
      throw new LayoutError(`there is no page ${number}`);
    }
    window.bytes.copy(into, 0, from, from + this.pageSize);
  }

  #windowOf(index: number): Window {
    const found = this.#windows.find((window) => window.index === index);
    if (found !== undefined) return found;
    const window = this.#freeWindow();
    window.index = -1;
    window.length = this.#file.read(window.bytes, index * windowBytes);
    window.index = index;
    return window;
  }

  #freeWindow(): Window {
    if (this.#windows.length < windowCount) {
      const made = { bytes: Buffer.allocUnsafe(windowBytes), index: -1, length: 0 };
      this.#windows.push(made);
      return made;
    }
    this.#oldest = (this.#oldest + 1) % windowCount;
    const window = this.#windows[this.#oldest];
    if (window === undefined) throw new RangeError('no window');
    return window;
  }

  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
