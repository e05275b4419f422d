import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Check, Side, UnitName } from './asset.ts';

/** Whether every unit of a side is there and can be opened. */
export function readableCheck(disk: Disk, asset: string, side: Side): Check {
  const wrong = [...side].flatMap(([unit, path]) => troubleOf(disk, unit, path) ?? []);
  const isWhole = wrong.length === 0;
  return {
    row: 'M7.1',
    name: `${asset}: files`,
    status: isWhole ? 'success' : 'error',
    measured: isWhole ? `${side.size} files can be read` : wrong.join('; '),
  };
}

function troubleOf(disk: Disk, unit: UnitName, path: string): string | null {
  try {
    disk.openRead(path).close();
    return null;
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return `${JSON.stringify(unit)} is missing`;
    if (isDiskError(error, 'EACCES', 'EPERM', 'EIO')) return error.message;
    // A link, or what is no regular file: there is nothing to be read.
    if (isDiskError(error, 'ELOOP', 'EINVAL', 'EISDIR', 'ENXIO')) return null;
    throw error;
  }
}
