import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import { randomHex } from '../host/random.ts';

/** Names a snapshot: `20260214T093015.123Z-1f2e3d`, UTC to the millisecond and three random bytes. Sorts by time. */
export type SnapshotId = string & { readonly __brand: 'SnapshotId' };

const form = /^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{6}$/;

export function isSnapshotId(text: string): text is SnapshotId {
  return form.test(text);
}

/** Throws `store/no-snapshot` for what cannot be a snapshot's name. */
export function parseSnapshotId(text: string): SnapshotId {
  if (isSnapshotId(text)) return text;
  throw new BackstepError('store/no-snapshot', {
    message: `${JSON.stringify(text)} is no name of a snapshot`,
    hint: 'list them with `backstep snapshots`',
  });
}

export function newSnapshotId(host: Host): SnapshotId {
  const time = new Date(host.clock.now()).toISOString().replaceAll(/[-:]/g, '');
  return parseSnapshotId(`${time}-${randomHex(host.random, 3)}`);
}
