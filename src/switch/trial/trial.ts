import { BackstepError } from '../../fault/backstep-error.ts';
import { stateAsOf } from '../as-of.ts';
import type { DecisionsByAsset } from '../decided.ts';
import type { OnProgress } from '../report/events.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { downtimeMs, readJournal } from '../journal.ts';
import { clearKilledTrials, throwAway } from '../recover/killed-trials.ts';
import { exists } from '../moves.ts';
import { bookNow, departureOf, wayBack } from '../operations.ts';
import { complexityOf, makePlan, readPlan, type Complexity, type SwitchPlan } from '../plan.ts';
import {
  assetReport,
  extentOf,
  objectiveOf,
  wayOf,
  type AssetReport,
  type RunReport,
} from '../report/report.ts';
import { prepareRollback, stageRollback } from '../stage/stage-rollback.ts';
import { prepareReturn, stageReturn } from '../stage/stage-return.ts';
import type { StagedAsset } from '../stage/staged.ts';
import { captureState, openStates, type States } from '../stage/states.ts';
import { openWorkspace, type Workspace } from '../stage/workspace.ts';

/** What a rollback would do: `plan --json`. */
export interface Trial {
  readonly from: string;
  readonly to: string;
  readonly class: Complexity;
  readonly way: RunReport['way'];
  readonly oneWay: boolean;
  readonly assets: Readonly<Record<string, AssetReport>>;
  readonly objective: RunReport['objective'];
  /** From runs of the same kind on this machine; null where there was none. */
  readonly estimate: { readonly downtimeMs: number; readonly runs: number } | null;
}

export interface TrialRequest {
  readonly to: string | null;
  readonly decisions: DecisionsByAsset;
  readonly asOf: string | null;
  /** What takes part; missing: everything. */
  readonly only?: readonly string[] | null;
}

export interface TrialOptions {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Told what keeps a trial from being as good as it could be. */
  readonly warn: (message: string) => void;
}

/** Does everything of a rollback but the switch, on a state captured while the application runs. */
export async function tryRollback(
  ground: Ground,
  request: TrialRequest,
  options: TrialOptions,
): Promise<Trial> {
  const { pairs, newest, oldest } = wayBack(ground, request.to);
  const plan = makePlan(ground, {
    kind: 'rollback',
    from: newest.to,
    to: oldest.from,
    reason: 'plan',
    pairs: pairs.map(({ id }) => id),
    only: request.only ?? null,
    asOf: request.asOf === null ? null : stateAsOf(ground, newest, request.asOf),
    starts: false,
  });
  return inTrial(ground, plan, async ({ workspace, states }) => {
    const now = plan.asOf ?? (await captureLive(ground, plan, options));
    heed(options.signal);
    await prepareRollback(ground, { workspace, states, bulk: null }, pairs);
    const { assets } = await stageRollback(ground, workspace, {
      book: bookNow(ground),
      states,
      pairs,
      now,
      decisions: request.decisions,
      only: request.only ?? null,
      readsLive: false,
      isTrial: true,
      hold: null,
      onProgress: options.onProgress,
    });
    heed(options.signal);
    return trialOf(ground, plan, assets);
  });
}

/** Does everything of a return but the switch. Throws `switch/no-pair` where no rollback can be taken back. */
export async function tryReturn(ground: Ground, options: TrialOptions): Promise<Trial> {
  const book = bookNow(ground);
  const departure = departureOf(book);
  const plan = makePlan(ground, {
    kind: 'return',
    from: departure.to,
    to: departure.from,
    reason: 'plan',
    starts: false,
  });
  return inTrial(ground, plan, async ({ workspace, states }) => {
    const now = await captureLive(ground, plan, options);
    heed(options.signal);
    await prepareReturn(ground, { workspace, states, bulk: null }, departure);
    const { onProgress } = options;
    const stage = { book, states, departure, now, only: null, onProgress };
    const { assets } = await stageReturn(ground, workspace, stage);
    heed(options.signal);
    return trialOf(ground, plan, assets);
  });
}

export function trialOf(ground: Ground, plan: SwitchPlan, assets: readonly StagedAsset[]): Trial {
  const extent = extentOf(ground, plan, assets);
  return {
    from: plan.from,
    to: plan.to,
    class: complexityOf(extent),
    way: wayOf(ground, plan),
    oneWay: extent.isOneWay,
    assets: Object.fromEntries(assets.map((asset) => [asset.name, assetReport(asset)])),
    objective: objectiveOf(ground, extent, null),
    estimate: estimateOf(ground, plan),
  };
}

export interface TrialPlace {
  readonly workspace: Workspace;
  readonly states: States;
}

/**
 * Works in folders that are thrown away, whatever comes of it; those of trials that were killed go first. The caller
 * holds the lock.
 */
export async function inTrial<T>(
  ground: Ground,
  plan: SwitchPlan,
  work: (place: TrialPlace) => Promise<T>,
): Promise<T> {
  clearKilledTrials(ground);
  const workspace = openWorkspace(ground, plan.run);
  try {
    return await work({ workspace, states: openStates(ground, `${workspace.work}/states`) });
  } finally {
    // The record last: as long as it is there, what is left of the others is found again.
    throwAway(ground, [...workspace.siblings(), workspace.record]);
  }
}

/** Throws `interrupted` once a person has given up. */
export function heed(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new BackstepError('interrupted', {
    message: 'the plan was interrupted',
    hint: 'nothing was changed; run the command again',
  });
}

export function captureLive(
  ground: Ground,
  plan: SwitchPlan,
  { onProgress }: Pick<TrialOptions, 'onProgress'>,
): ReturnType<typeof captureState> {
  const options = { label: `bulk ${plan.run}`, isQuiet: false, onProgress };
  return captureState(ground, stateAssets(ground), options);
}

/** The median downtime of earlier runs of the same kind. */
export function estimateOf(ground: Ground, plan: SwitchPlan): Trial['estimate'] {
  const { disk } = ground.host;
  const runs = exists(disk, ground.folders.runs) ? disk.list(ground.folders.runs) : [];
  const measured = runs
    .filter((run) => run !== plan.run && readPlan(ground, run)?.kind === plan.kind)
    .map((run) => downtimeMs(readJournal(ground.host, ground.folders.journal, run)))
    .filter((ms) => ms !== null)
    .sort((a, b) => a - b);
  const median = measured[Math.floor(measured.length / 2)];
  return median === undefined ? null : { downtimeMs: median, runs: measured.length };
}
