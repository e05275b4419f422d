import type { Disk } from '../host/disk.ts';

/** Who wrote a database last, by its header (https://www.sqlite.org/fileformat2.html, §1.3). */
export interface LastWriter {
  /** As SQLite counts: 3051002 is 3.51.2. */
  readonly version: number;
  readonly isWal: boolean;
}

const magic = 'SQLite format 3\0';
const headerBytes = 100;

/** Null where the file is no database. What waits in a WAL is not looked at. */
export function readWriter(disk: Disk, path: string): LastWriter | null {
  const header = Buffer.alloc(headerBytes);
  const file = disk.openRead(path);
  try {
    if (file.read(header, 0) < headerBytes) return null;
  } finally {
    file.close();
  }
  if (header.toString('latin1', 0, magic.length) !== magic) return null;
  return { version: header.readUInt32BE(96), isWal: header[18] === 2 || header[19] === 2 };
}
