import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import { createWhole } from '../host/whole-file.ts';
import type { Layout } from './layout.ts';
import { isSnapshotId, type SnapshotId } from './snapshot-id.ts';

/** Somebody needs the snapshot: it is not pruned. One file a pin, `<snapshot>.<by>`. */
export interface Pin {
  readonly id: SnapshotId;
  /** Who needs it, as in `pair-7`: letters, digits, `.`, `_` and `-`, 100 at most. */
  readonly by: string;
}

const byForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Durable when it returns; may be done twice. */
export function addPin(disk: Disk, layout: Layout, pin: Pin): void {
  try {
    createWhole(disk, pathOf(layout, pin), {
      bytes: new Uint8Array(),
      mode: 0o600,
      isSynced: true,
    });
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
  }
  disk.syncFolder(layout.pins);
}

/** Durable when it returns; may be done twice. */
export function removePin(disk: Disk, layout: Layout, pin: Pin): void {
  try {
    disk.removeFile(pathOf(layout, pin));
  } catch (error) {
    if (!isDiskError(error, 'ENOENT')) throw error;
  }
  disk.syncFolder(layout.pins);
}

export function listPins(disk: Disk, layout: Layout): readonly Pin[] {
  const pins: Pin[] = [];
  for (const name of disk.list(layout.pins)) {
    const cut = name.indexOf('Z-') + 8;
    const id = name.slice(0, cut);
    if (isSnapshotId(id)) pins.push({ id, by: name.slice(cut + 1) });
  }
  return pins;
}

function pathOf(layout: Layout, { id, by }: Pin): string {
  if (byForm.test(by)) return join(layout.pins, `${id}.${by}`);
  throw new BackstepError('store/unsafe', {
    message: `${JSON.stringify(by)} cannot name who needs a snapshot`,
    hint: 'use letters, digits, dots and dashes',
  });
}
