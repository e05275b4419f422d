import { removeTree } from '../host/whole-file.ts';
import { stateAsOf } from './as-of.ts';
import type { DecisionsByAsset } from './decided.ts';
import { stateAssets, type Ground } from './ground.ts';
import { downtimeMs, readJournal } from './journal.ts';
import { exists } from './moves.ts';
import { bookNow, wayBack } from './operations.ts';
import { complexityOf, makePlan, readPlan, type Complexity, type SwitchPlan } from './plan.ts';
import { assetReport, extentOf, objectiveOf, type AssetReport, type RunReport } from './report.ts';
import { prepareRollback, stageRollback } from './stage-rollback.ts';
import { captureState, openStates } from './states.ts';
import { openWorkspace } from './workspace.ts';

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
}

/** Does everything of a rollback but the switch, on a state captured while the application runs. */
export async function tryRollback(ground: Ground, request: TrialRequest): Promise<Trial> {
  const { pairs, newest, oldest } = wayBack(ground, request.to);
  const plan = makePlan(ground, {
    kind: 'rollback',
    from: newest.to,
    to: oldest.from,
    reason: 'plan',
    pairs: pairs.map(({ id }) => id),
    asOf: request.asOf === null ? null : stateAsOf(ground, newest, request.asOf),
    starts: false,
  });
  const workspace = openWorkspace(ground, plan.run);
  try {
    const now = plan.asOf ?? (await captureLive(ground, plan));
    const states = openStates(ground, `${workspace.work}/states`);
    prepareRollback(ground, states, pairs);
    const { assets } = await stageRollback(ground, workspace, {
      book: bookNow(ground),
      states,
      pairs,
      now,
      decisions: request.decisions,
      only: null,
      readsLive: false,
      isTrial: true,
      hold: null,
    });
    const extent = extentOf(ground, plan, assets);
    return {
      from: plan.from,
      to: plan.to,
      class: complexityOf(extent),
      way: pairs.length > 1 ? 'folded' : 'pair',
      oneWay: extent.isOneWay,
      assets: Object.fromEntries(assets.map((asset) => [asset.name, assetReport(asset)])),
      objective: objectiveOf(ground, extent, null),
      estimate: estimateOf(ground, plan),
    };
  } finally {
    for (const path of [workspace.record, ...workspace.siblings()]) {
      if (exists(ground.host.disk, path)) removeTree(ground.host.disk, path);
    }
  }
}

function captureLive(ground: Ground, plan: SwitchPlan): ReturnType<typeof captureState> {
  return captureState(ground, stateAssets(ground), { label: `bulk ${plan.run}`, isQuiet: false });
}

/** The median downtime of earlier runs of the same kind. */
function estimateOf(ground: Ground, plan: SwitchPlan): Trial['estimate'] {
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
