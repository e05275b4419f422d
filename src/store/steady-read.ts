import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk, DiskFile, FileStat } from '../host/disk.ts';
import type { ObjectHash } from './entry.ts';
import type { Intake } from './intake.ts';
import { chunkSizes, wholeFileBytes } from './objects.ts';

/** What a file held, and what it was, at one moment. */
export interface SteadyFile {
  readonly stat: FileStat;
  readonly hashes: readonly ObjectHash[];
}

/** Told of a large file, chunk by chunk, how many of its bytes are in the store. */
export type OnRead = (doneBytes: number, totalBytes: number) => void;

const attemptLimit = 5;
/** Below, sharing blocks gains nothing. */
const cloneBytes = 65_536;

/**
 * Reads a file into the store. One that changes meanwhile is read again, up to five times; then `store/changing`
 * names it. Null if it was removed before it could be read.
 */
export function steadyReader(
  disk: Disk,
  intake: Intake,
  onRead: OnRead = () => {},
): (path: string) => SteadyFile | null {
  const buffer = Buffer.allocUnsafe(wholeFileBytes);
  let canClone = true;
  const read = (path: string, file: DiskFile): SteadyFile | null => {
    const stat = file.stat();
    const isWhole = stat.sizeBytes <= wholeFileBytes;
    if (canClone && isWhole && stat.sizeBytes >= cloneBytes) {
      const cloned = takeClone(disk, intake, { path, stat, buffer });
      if (cloned === 'impossible') canClone = false;
      else return cloned;
    }
    const hashes = takeBytes(intake, { file, stat, buffer, onRead });
    return hashes !== null && isSame(stat, file.stat()) ? { stat, hashes } : null;
  };
  return (path) => {
    for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
      const file = openOrNull(disk, path);
      if (file === null) return null;
      try {
        const found = read(path, file);
        if (found !== null) return found;
      } finally {
        file.close();
      }
    }
    throw new BackstepError('store/changing', {
      message: `${JSON.stringify(path)} changed each of the ${attemptLimit} times that it was read`,
      hint: 'stop what writes to it, or leave it out of the asset',
    });
  };
}

interface Source {
  readonly file: DiskFile;
  readonly stat: FileStat;
  readonly buffer: Buffer;
  readonly onRead: OnRead;
}

/** Null if the file was shorter than it said. */
function takeBytes(
  intake: Intake,
  { file, stat, buffer, onRead }: Source,
): readonly ObjectHash[] | null {
  const hashes: ObjectHash[] = [];
  let position = 0;
  for (const size of chunkSizes(stat.sizeBytes)) {
    const bytes = buffer.subarray(0, size);
    if (file.read(bytes, position) < size) return null;
    hashes.push(intake.put(bytes));
    position += size;
    if (stat.sizeBytes > wholeFileBytes) onRead(position, stat.sizeBytes);
  }
  return hashes;
}

interface CloneSource {
  readonly path: string;
  readonly stat: FileStat;
  readonly buffer: Buffer;
}

/** The clone is what is hashed, so it does not matter what becomes of the file afterwards. */
function takeClone(
  disk: Disk,
  intake: Intake,
  { path, stat, buffer }: CloneSource,
): SteadyFile | null | 'impossible' {
  const cloned = join(intake.folder, 'clone');
  if (!disk.clone(path, cloned)) return 'impossible';
  const file = disk.openRead(cloned);
  const bytes = buffer.subarray(0, stat.sizeBytes);
  const isWhole = file.stat().sizeBytes === stat.sizeBytes && file.read(bytes, 0) === bytes.length;
  file.close();
  const now = disk.lstat(path);
  if (!isWhole || now === null || !isSame(stat, now)) {
    disk.removeFile(cloned);
    return null;
  }
  return { stat, hashes: [intake.adopt(cloned, bytes)] };
}

function isSame(before: FileStat, after: FileStat): boolean {
  return (
    before.inode === after.inode &&
    before.device === after.device &&
    before.sizeBytes === after.sizeBytes &&
    before.modifiedNs === after.modifiedNs &&
    before.changedNs === after.changedNs
  );
}

function openOrNull(disk: Disk, path: string): DiskFile | null {
  try {
    return disk.openRead(path);
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    throw error;
  }
}
