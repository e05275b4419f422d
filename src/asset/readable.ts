import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Check, Side, UnitName } from './asset.ts';

export interface Readable {
  readonly asset: string;
  readonly side: Side;
  /** Units that were captured a moment ago, and left where they stand: they are not opened. */
  readonly captured?: ReadonlySet<UnitName> | undefined;
}

/** Whether every unit of a side is there and can be opened. */
export function readableCheck(disk: Disk, { asset, side, captured }: Readable): Check {
  const wrong: string[] = [];
  let openedCount = 0;
  for (const [unit, path] of side) {
    if (captured?.has(unit)) continue;
    openedCount += 1;
    const trouble = troubleOf(disk, unit, path);
    if (trouble !== null) wrong.push(trouble);
  }
  const isWhole = wrong.length === 0;
  return {
    row: 'M7.1',
    name: `${asset}: files`,
    status: isWhole ? 'success' : 'error',
    measured: isWhole ? countOf(side.size, openedCount) : wrong.join('; '),
  };
}

function countOf(all: number, opened: number): string {
  if (opened === all) return `${all} files can be read`;
  return `${all} files: ${opened} can be read, ${all - opened} were captured by this run and left alone`;
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
