import type { Disk, DiskFile } from '../host/disk.ts';

/** Offsets in the header of a database file: https://www.sqlite.org/fileformat.html §1.3. */
const header = {
  pageSize: 16,
  changes: 24,
  pageCount: 28,
  freelist: 32,
  validFor: 92,
  bytes: 100,
} as const;
const magic = 'SQLite format 3\0';

interface Graft {
  readonly origin: string;
  readonly latest: string;
}

/**
 * A copy `to` of a damaged database with the first page (header and list of tables) of `origin`, from which it
 * grew: where the tables are still rooted in the same pages, they can be read again. False, with nothing made,
 * where the two files do not fit.
 */
export function graftFirstPage(disk: Disk, { origin, latest }: Graft, to: string): boolean {
  const page = readFirstPage(disk, origin);
  const sizeBytes = disk.lstat(latest)?.sizeBytes ?? 0;
  if (page === null || sizeBytes < page.length * 2) return false;
  page.writeUInt32BE(Math.floor(sizeBytes / page.length), header.pageCount);
  page.writeUInt32BE(page.readUInt32BE(header.changes), header.validFor);
  page.fill(0, header.freelist, header.freelist + 8);
  disk.copy(latest, to);
  const file = disk.openWrite(to);
  try {
    file.write(page, 0);
  } finally {
    file.close();
  }
  return true;
}

function readFirstPage(disk: Disk, path: string): Buffer | null {
  const file = disk.openRead(path);
  try {
    const start = readAt(file, header.bytes);
    if (start.length < header.bytes || start.toString('latin1', 0, 16) !== magic) return null;
    const written = start.readUInt16BE(header.pageSize);
    const page = readAt(file, written === 1 ? 65_536 : written);
    return page.length < 512 ? null : page;
  } finally {
    file.close();
  }
}

function readAt(file: DiskFile, byteCount: number): Buffer {
  const bytes = Buffer.alloc(byteCount);
  return bytes.subarray(0, file.read(bytes, 0));
}
