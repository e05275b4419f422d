import { join } from 'node:path/posix';
import { z } from 'zod';
import { randomHex } from '../host/random.ts';
import { parseSnapshotId, type SnapshotId } from '../store/snapshot-id.ts';
import { readRecord, writeRecord } from './book.ts';
import type { Ground } from './ground.ts';

export const runKinds = ['upgrade', 'rollback', 'return', 'restore', 'carry'] as const;
export const complexities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Complexity = (typeof complexities)[number];

/** What a run is to do; written before its first phase, and never changed. Times are ISO 8601, UTC. */
const plan = z.object({
  v: z.literal(1),
  run: z.string(),
  kind: z.enum(runKinds),
  from: z.string(),
  to: z.string(),
  at: z.string(),
  reason: z.string(),
  /** Pairs that a rollback leads through, newest first; of an upgrade none. */
  pairs: z.array(z.string()),
  only: z.array(z.string()).nullable(),
  /** The captured state that is taken for `now`; null for the latest state. */
  asOf: z.string().transform(parseSnapshotId).nullable(),
  /** What happens when the target is in its place and is not sound. */
  policy: z.enum(['undo', 'hold']),
  /** Whether the release that is left is put on hold. */
  holds: z.boolean(),
  takesProvenMaps: z.boolean(),
  /** The run that this one undoes; null where a person or a trigger asked for it. */
  undoes: z.string().nullable(),
  /** False where the application was stopped before: it stays so. */
  starts: z.boolean(),
  /** Asked for as an emergency; plans written before there was this key have none. */
  emergency: z.boolean().default(false),
});
export type SwitchPlan = z.output<typeof plan>;
export type RunKind = SwitchPlan['kind'];

/** What a caller decides about a run. */
export interface PlanWishes {
  readonly kind: RunKind;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly pairs?: readonly string[];
  readonly only?: readonly string[] | null;
  readonly asOf?: SnapshotId | null;
  readonly policy?: 'undo' | 'hold';
  readonly holds?: boolean;
  readonly takesProvenMaps?: boolean;
  readonly undoes?: string | null;
  readonly starts: boolean;
  readonly emergency?: boolean;
}

export function makePlan(ground: Ground, wishes: PlanWishes): SwitchPlan {
  const now = new Date(ground.host.clock.now()).toISOString();
  const time = now.replaceAll(/[-:.]/g, '');
  return {
    v: 1,
    run: `${wishes.kind}-${time}-${randomHex(ground.host.random, 2)}`,
    at: now,
    kind: wishes.kind,
    from: wishes.from,
    to: wishes.to,
    reason: wishes.reason,
    pairs: [...(wishes.pairs ?? [])],
    only: wishes.only === undefined || wishes.only === null ? null : [...wishes.only],
    asOf: wishes.asOf ?? null,
    policy: wishes.policy ?? 'undo',
    holds: wishes.holds ?? false,
    takesProvenMaps: wishes.takesProvenMaps ?? false,
    undoes: wishes.undoes ?? null,
    starts: wishes.starts,
    emergency: wishes.emergency ?? false,
  };
}

export function writePlan(ground: Ground, content: SwitchPlan): void {
  writeRecord(ground.host, planFile(ground, content.run), content);
}

/** Null where the run never got as far as to write one. */
export function readPlan(ground: Ground, run: string): SwitchPlan | null {
  return readRecord(ground.host, planFile(ground, run), plan);
}

function planFile(ground: Ground, run: string): string {
  return join(ground.folders.runs, run, 'plan.json');
}

/** What a switch replaces, as far as its class and its objective depend on it. */
export interface Extent {
  readonly mergedKinds: readonly string[];
  readonly switchesRelease: boolean;
  readonly pairCount: number;
  readonly hasDamagedState: boolean;
  readonly isOneWay: boolean;
  readonly isEmergency: boolean;
}

/** LOW: documents alone · MEDIUM: program files too · HIGH: a database is merged · CRITICAL: damage, or one way. */
export function complexityOf(extent: Extent): Complexity {
  if (extent.hasDamagedState || extent.isOneWay) return 'CRITICAL';
  if (extent.mergedKinds.includes('sqlite') || extent.pairCount > 1) return 'HIGH';
  return extent.switchesRelease ? 'MEDIUM' : 'LOW';
}

export type ObjectiveType = 'configuration' | 'application' | 'database' | 'system' | 'emergency';

/** Which of the manual's five types of rollback (2.2) a switch is. */
export function objectiveTypeOf(extent: Extent): ObjectiveType {
  if (extent.isEmergency) return 'emergency';
  if (extent.hasDamagedState) return 'system';
  if (extent.mergedKinds.includes('sqlite')) return 'database';
  return extent.switchesRelease ? 'application' : 'configuration';
}
