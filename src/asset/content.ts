import { createHash } from 'node:crypto';
import type { Disk, FileStat } from '../host/disk.ts';

const chunkBytes = 1 << 20;

/** SHA-256 of a file's bytes in lower-case hexadecimal; of a link's target, with a mark of its own before it. */
export function contentHash(disk: Disk, path: string): string {
  const hash = createHash('sha256');
  if (disk.lstat(path)?.kind === 'link') {
    return hash.update(`link\0${disk.readLink(path)}`, 'utf16le').digest('hex');
  }
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const file = disk.openRead(path);
  try {
    for (let position = 0; ;) {
      const count = file.read(buffer, position);
      if (count === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, count));
      position += count;
    }
  } finally {
    file.close();
  }
}

/** True where two paths hold the same kind of thing with the same bytes, whatever owner and mode they have. */
export function sameContent(disk: Disk, a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [disk.lstat(a), disk.lstat(b)];
  if (left === null || right === null || left.kind !== right.kind) return false;
  if (isSameFile(left, right)) return true;
  if (left.kind === 'link') return disk.readLink(a) === disk.readLink(b);
  if (left.sizeBytes !== right.sizeBytes) return false;
  return sameBytes(disk, a, b);
}

function isSameFile(a: FileStat, b: FileStat): boolean {
  return a.device === b.device && a.inode === b.inode;
}

function sameBytes(disk: Disk, a: string, b: string): boolean {
  const [left, right] = [disk.openRead(a), disk.openRead(b)];
  const [one, other] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
  try {
    for (let position = 0; ; position += chunkBytes) {
      const count = left.read(one, position);
      if (count !== right.read(other, position)) return false;
      if (!one.subarray(0, count).equals(other.subarray(0, count))) return false;
      if (count < chunkBytes) return true;
    }
  } finally {
    left.close();
    right.close();
  }
}
