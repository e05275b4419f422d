import { stateAsOf } from './as-of.ts';
import type { DecisionsByAsset } from './decided.ts';
import type { RunOptions } from './ending.ts';
import { runSwitch } from './execute.ts';
import type { Ground } from './ground.ts';
import { makePlan } from './plan.ts';
import { carryPlan } from './emergency/uncarried.ts';
import type { RunReport } from './report/report.ts';
import { kindsOf } from './run-kinds.ts';
import { refuseSplit } from './selection.ts';
import { stoppedByHold } from './waiting.ts';
import {
  bookNow,
  departureOf,
  newerRelease,
  refuseHeld,
  reignNow,
  wayBack,
} from './whereabouts.ts';

export interface UpgradeRequest {
  readonly to: string;
  readonly reason: string;
  readonly decisions: DecisionsByAsset;
  readonly takesProvenMaps: boolean;
  readonly policy: 'undo' | 'hold';
  /** Upgrades to a release that is on hold. */
  readonly ignoresHold: boolean;
}

export interface RollbackRequest {
  /** Null: to the release before the running one. */
  readonly to: string | null;
  readonly reason: string;
  readonly decisions: DecisionsByAsset;
  readonly only: readonly string[] | null;
  /** A snapshot, or a time (ISO 8601): the state then is taken for the state now. */
  readonly asOf: string | null;
  readonly policy: 'undo' | 'hold';
  /** It is held against the objective of an emergency. */
  readonly isEmergency?: boolean;
}

export interface RestoreRequest {
  /** A snapshot, or a time (ISO 8601): the newest captured state that is not younger. */
  readonly at: string;
  /** Assets that are restored; null for all. */
  readonly only: readonly string[] | null;
  readonly reason: string;
  readonly policy: 'undo' | 'hold';
}

export interface ReturnRequest {
  readonly reason: string;
  /** Goes forward although the release is on hold, and lifts the hold. */
  readonly releasesHold: boolean;
  readonly policy: 'undo' | 'hold';
}

/** Migrates a copy, records the pair and switches to a newer release. */
export async function upgrade(
  ground: Ground,
  request: UpgradeRequest,
  options: RunOptions,
): Promise<RunReport> {
  const from = newerRelease(bookNow(ground), request);
  const plan = makePlan(ground, {
    kind: 'upgrade',
    from,
    to: request.to,
    reason: request.reason,
    policy: request.policy,
    takesProvenMaps: request.takesProvenMaps,
    starts: await isWanted(ground),
  });
  return runSwitch(ground, plan, { kinds: kindsOf(ground, request.decisions), options });
}

/** Goes back to an older release, with what users did since. */
export async function rollback(
  ground: Ground,
  request: RollbackRequest,
  options: RunOptions,
): Promise<RunReport> {
  const { pairs, newest, oldest } = wayBack(ground, request.to);
  refuseSplit(ground, request.only);
  const plan = makePlan(ground, {
    kind: 'rollback',
    from: newest.to,
    to: oldest.from,
    reason: request.reason,
    pairs: pairs.map(({ id }) => id),
    only: request.only,
    asOf: request.asOf === null ? null : stateAsOf(ground, newest, request.asOf),
    policy: request.policy,
    holds: request.only === null,
    starts: await isWanted(ground),
    emergency: request.isEmergency ?? false,
  });
  return runSwitch(ground, plan, { kinds: kindsOf(ground, request.decisions), options });
}

/** Goes forward again to the release that the last rollback left; what was parked comes back. */
export async function goForward(
  ground: Ground,
  request: ReturnRequest,
  options: RunOptions,
): Promise<RunReport> {
  const book = bookNow(ground);
  const departure = departureOf(book);
  if (!request.releasesHold) refuseHeld(book, departure.from);
  const plan = makePlan(ground, {
    kind: 'return',
    from: departure.to,
    to: departure.from,
    reason: request.reason,
    policy: request.policy,
    starts: await isWanted(ground),
  });
  return runSwitch(ground, plan, { kinds: kindsOf(ground, {}), options });
}

/**
 * Brings the application, or some of its assets, to a captured state under the release that runs. What was live
 * lies in the run's own safety snapshot. Throws `switch/as-of` and `switch/refused`.
 */
export async function restore(
  ground: Ground,
  request: RestoreRequest,
  options: RunOptions,
): Promise<RunReport> {
  const reign = reignNow(ground);
  refuseSplit(ground, request.only);
  const plan = makePlan(ground, {
    kind: 'restore',
    from: reign.to,
    to: reign.to,
    reason: request.reason,
    only: request.only,
    asOf: stateAsOf(ground, reign, request.at),
    policy: request.policy,
    starts: await isWanted(ground),
  });
  return runSwitch(ground, plan, { kinds: kindsOf(ground, {}), options });
}

/**
 * Brings into the older release what the scripts of the emergency kit left out, under the release that runs. Throws
 * `switch/refused` where nothing waits.
 */
export async function carry(
  ground: Ground,
  request: { readonly policy: 'undo' | 'hold' },
  options: RunOptions,
): Promise<RunReport> {
  const plan = carryPlan(ground, { ...request, starts: await isWanted(ground) });
  return runSwitch(ground, plan, { kinds: kindsOf(ground, {}), options });
}

/** An application that a person stopped stays stopped; one that crashed, or that a hold stopped, is wanted. */
async function isWanted(ground: Ground): Promise<boolean> {
  const { state } = await ground.service.status();
  return state !== 'stopped' || stoppedByHold(ground);
}

export { abort, exclusively, resumeAll } from './recover/resuming.ts';
export { bookNow, departureOf, newerRelease, wayBack } from './whereabouts.ts';
