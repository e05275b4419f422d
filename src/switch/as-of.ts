import { BackstepError } from '../fault/backstep-error.ts';
import type { SnapshotHeader } from '../store/manifest.ts';
import { isSnapshotId, type SnapshotId } from '../store/snapshot-id.ts';
import type { Ground } from './ground.ts';

/** Labels of snapshots that hold a staged, displaced or foreign state; every other one is of the live state. */
const otherLabels = [
  /^after \S+$/,
  /^(result|returned|displaced) (upgrade|rollback|return|restore)-\S+$/,
  /^before \S+, from a backup$/,
];

/** Which release runs, and since when: only what was captured since then has its shape. */
export interface Reign {
  readonly to: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/**
 * The newest captured state of the running release that is not younger than asked for: a snapshot by its
 * name, or a time. Throws `switch/as-of` where none is.
 */
export function stateAsOf(ground: Ground, reign: Reign, asked: string): SnapshotId {
  const states = statesOf(ground, reign.at);
  const found = isSnapshotId(asked)
    ? states.find(({ id }) => id === asked)
    : states.findLast(({ createdNs }) => createdNs <= momentOf(asked));
  if (found !== undefined) return found.id;
  throw new BackstepError('switch/as-of', {
    message: `${asked}: no state of ${reign.to} was captured by then`,
    hint: `captured were: ${states.map(shown).join(', ') || 'none'}`,
  });
}

/** What was captured of the live state since then, oldest first. */
export function statesOf({ store }: Pick<Ground, 'store'>, since: string): SnapshotHeader[] {
  const sinceNs = BigInt(Date.parse(since)) * 1_000_000n;
  return store.list().filter(({ label, createdNs }) => createdNs >= sinceNs && isOfLive(label));
}

function isOfLive(label: string): boolean {
  return !otherLabels.some((form) => form.test(label));
}

function momentOf(asked: string): bigint {
  const ms = Date.parse(asked);
  if (!Number.isNaN(ms)) return BigInt(ms) * 1_000_000n;
  throw new BackstepError('usage', {
    message: `${asked}: this is neither a snapshot nor a time`,
    hint: 'for instance 2026-03-01T14:30:00Z; `backstep snapshots` lists them',
  });
}

function shown({ id, createdNs }: SnapshotHeader): string {
  return `${id} (${new Date(Number(createdNs / 1_000_000n)).toISOString()})`;
}
