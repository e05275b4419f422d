import { dirname } from 'node:path/posix';
import { isDiskError } from '../../host/disk-error.ts';
import type { Disk, FileStat, PathTime } from '../../host/disk.ts';
import { makeFolders } from '../../host/whole-file.ts';
import { exists } from '../moves.ts';

/** Files on their way to other names, with owner, mode and time as they have them. Not synced. */
export interface Bringing {
  /** Replaces what lies at `to`. */
  bring(from: string, to: string): void;
  /** Must be called once: copies get their times in one act. */
  finish(): void;
}

/**
 * Copies files, with blocks shared where they can be. One that is the run's own (`isOwn`: nobody else reads or
 * writes it, and it is thrown away afterwards) gets a second name instead, if it has just one: so no two files
 * that come to live ever share their bytes.
 */
export function openBringing(disk: Disk, isOwn: (path: string) => boolean): Bringing {
  const times: PathTime[] = [];
  return {
    bring: (from, to) => {
      makeFolders(disk, dirname(to), 0o700);
      if (exists(disk, to)) disk.removeFile(to);
      const stat = disk.lstat(from);
      if (stat === null) throw new Error(`${from} was to be staged and is gone`);
      if (stat.kind === 'link') copyLink(disk, { from, to, stat });
      else if (!isOwn(from) || stat.linkCount > 1 || !named(disk, from, to)) {
        copyFile(disk, { from, to, stat });
        times.push({ path: to, modifiedNs: stat.modifiedNs });
      }
    },
    finish: () => {
      if (times.length > 0) disk.setTimes(times);
    },
  };
}

interface Copying {
  readonly from: string;
  readonly to: string;
  readonly stat: FileStat;
}

function copyLink(disk: Disk, { from, to, stat }: Copying): void {
  disk.symlink(disk.readLink(from), to);
  disk.lchown(to, stat);
}

function copyFile(disk: Disk, { from, to, stat }: Copying): void {
  disk.copy(from, to);
  disk.lchown(to, stat);
  disk.chmod(to, stat.mode);
}

/** False where the file cannot have a second name: on another file system, or on one without such names. */
function named(disk: Disk, from: string, to: string): boolean {
  try {
    disk.link(from, to);
    return true;
  } catch (error) {
    if (!isDiskError(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
    return false;
  }
}
