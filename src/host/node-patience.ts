import { DiskError, isDiskError } from './disk-error.ts';

/** How Windows refuses to rename what a program holds open, or a scanner looks into for a moment. */
const held = ['EBUSY', 'EPERM', 'EACCES'] as const;

/** Ten seconds together. */
export const renameWaitsMs: readonly number[] = [50, 100, 200, 400, 800, 1600, 3200, 3650];

/**
 * Does it, and again after each of the waits where it is refused as what is held open is. Throws DiskError `EBUSY` once all
 * waits are over, and at once whatever else goes wrong.
 */
export function patiently(
  act: () => void,
  { waitsMs, wait }: { readonly waitsMs: readonly number[]; readonly wait: (ms: number) => void },
): void {
  for (const ms of waitsMs) {
    if (tried(act) === null) return;
    wait(ms);
  }
  const refusal = tried(act);
  if (refusal === null) return;
  throw new DiskError('EBUSY', { act: 'rename', path: refusal.path, cause: refusal });
}

/** Null where it was done. */
function tried(act: () => void): DiskError | null {
  try {
    act();
    return null;
  } catch (error) {
    if (!isDiskError(error, ...held)) throw error;
    return error;
  }
}

/** Holds this thread: the disk is synchronous. */
export function holdStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
