import { faultOf } from '../../form/problem.ts';
import { readTextFile } from '../../form/read-text.ts';
import type { Disk } from '../../host/disk.ts';
import { reversalName } from './check.ts';
import { parseReversal } from './parse.ts';
import type { Reversal } from './reversal.ts';

export interface ReversalRequest {
  /** Absolute: the manifest's `reversals`. */
  readonly folder: string;
  /** The release that is left. */
  readonly from: string;
  /** The older release that is gone back to. */
  readonly to: string;
  /** Asset → kind. */
  readonly assets: Readonly<Record<string, string>>;
}

/**
 * Reads `FROM-to-TO.yaml`; null where there is none, which means that no shape or meaning changed.
 * Throws `reversal/invalid` with every problem of the file, and what the disk throws.
 */
export function loadReversal(
  disk: Disk,
  { folder, from, to, assets }: ReversalRequest,
): Reversal | null {
  const file = `${folder}/${reversalName({ from, to })}`;
  return disk.lstat(file) === null ? null : loadReversalFile(disk, file, assets);
}

/** Reads one reversal file by its path; `assets` null where there is no manifest (`merge --reversal FILE`). */
export function loadReversalFile(
  disk: Disk,
  file: string,
  assets: Readonly<Record<string, string>> | null,
): Reversal {
  const read = readTextFile(disk, file);
  const reading = read.ok
    ? parseReversal({ text: read.text, sha256: read.sha256, file, assets })
    : read;
  if (reading.ok) return reading.value;
  throw faultOf('reversal/invalid', file, reading.problems);
}
