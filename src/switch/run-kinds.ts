import { BackstepError } from '../fault/backstep-error.ts';
import { pairsBackTo, readPair, type Departure, type Pair } from './book.ts';
import type { DecisionsByAsset } from './decided.ts';
import { heed, type Kinds } from './ending.ts';
import { beginRun, runSwitch } from './execute.ts';
import type { Ground } from './ground.ts';
import { makePlan, readPlan, type SwitchPlan } from './plan.ts';
import { resumeRun } from './recover/recover.ts';
import { noFindings } from './report/report.ts';
import { progressIn, type Run } from './run.ts';
import { warn } from './warn.ts';
import { stageCarry } from './stage/stage-carry.ts';
import { prepareReturn, stageReturn } from './stage/stage-return.ts';
import { mergeAhead } from './stage/merged-ahead.ts';
import { prepareRollback, stageRollback, type Preparing } from './stage/stage-rollback.ts';
import { stageRestore } from './stage/stage-restore.ts';
import { requireSoundWords } from './stage/sound-reversal.ts';
import { stageUpgrade } from './stage/stage-upgrade.ts';
import { bookNow, departureFor, departureOf, formerOf } from './whereabouts.ts';

/** How the runs of one application are staged, begun, taken up again and taken back. */
export function kindsOf(ground: Ground, decisions: DecisionsByAsset): Kinds {
  const kinds: Kinds = {
    prepareOf: (plan) => prepareOf(ground, plan, decisions),
    stageOf: (plan) => stageOf(ground, plan, decisions),
    undoOf: (plan) => undoOf(ground, plan),
    begin: (plan, options) => runSwitch(ground, plan, { kinds, options }),
    resume: (name, options) => {
      const plan = requirePlan(ground, name);
      const run = beginRun(ground, plan, { kinds, options, findings: noFindings() });
      return resumeRun(run, { kinds, options });
    },
  };
  return kinds;
}

/** Throws `switch/inconsistent` where a run left a journal and no plan. */
function requirePlan(ground: Ground, run: string): SwitchPlan {
  const plan = readPlan(ground, run);
  if (plan !== null) return plan;
  throw new BackstepError('switch/inconsistent', {
    message: `${run} was begun, but its plan ${ground.folders.runs}/${run}/plan.json is not there`,
    hint: 'restore the state folder from its backup; docs/operating/inconsistent.md',
  });
}

function prepareOf(ground: Ground, plan: SwitchPlan, decisions: DecisionsByAsset): Run['prepare'] {
  return async (run, bulk) => {
    const preparing = { ...run, bulk: bulk === null ? null : run.states(bulk) };
    switch (plan.kind) {
      case 'upgrade':
        return requireSoundWords(ground, plan);
      case 'rollback':
        await prepareRollback(ground, preparing, pairsOf(ground, plan));
        return prepareMerge(ground, { run, preparing, plan, decisions });
      case 'return':
        return prepareReturn(ground, preparing, departureOfPlan(ground, plan));
      case 'carry':
        return prepareRollback(ground, { ...preparing, bulk: null }, pairsOf(ground, plan));
      case 'restore':
    }
  };
}

/**
 * A state of the past is not written to any more: nobody waits for its merge. In an emergency the release that does harm is
 * to stop at once.
 */
async function prepareMerge(
  ground: Ground,
  {
    run,
    preparing,
    plan,
    decisions,
  }: {
    readonly run: Run;
    readonly preparing: Preparing;
    readonly plan: SwitchPlan;
    readonly decisions: DecisionsByAsset;
  },
): Promise<void> {
  const pair = pairsOf(ground, plan)[0];
  if (pair === undefined || plan.asOf !== null || plan.emergency) return;
  const stage = {
    decisions,
    only: plan.only,
    onProgress: progressIn('preflight', run),
    pause: () => heed(run, 'preflight'),
  };
  await mergeAhead(ground, preparing, { pair, stage, made: run.ahead });
}

function stageOf(ground: Ground, plan: SwitchPlan, decisions: DecisionsByAsset): Run['stage'] {
  return async (run, now) => {
    const { workspace, states } = run;
    const pause = (): Promise<void> => heed(run, 'stage');
    const common = { book: bookNow(ground), states, onProgress: progressIn('stage', run), pause };
    switch (plan.kind) {
      case 'upgrade':
        return stageUpgrade(ground, workspace, {
          ...common,
          from: plan.from,
          to: plan.to,
          before: now,
          decisions,
          takesProvenMaps: plan.takesProvenMaps,
          decide: run.decide,
          warn: (message) => warn(run, message),
        });
      case 'rollback':
        return stageRollback(ground, workspace, {
          ...common,
          pairs: pairsOf(ground, plan),
          now: plan.asOf ?? now,
          ahead: run.ahead,
          decisions,
          only: plan.only,
          readsLive: plan.asOf === null,
          isTrial: false,
          hold: plan.holds ? { reason: plan.reason } : null,
        });
      case 'return': {
        const departure = departureOfPlan(ground, plan);
        const former = plan.undoes === null ? null : formerOf(ground, plan.undoes);
        return stageReturn(ground, workspace, {
          ...common,
          departure,
          now,
          only: plan.only,
          former,
        });
      }
      case 'carry':
        return stageCarry(ground, workspace, {
          ...common,
          departure: departureOf(common.book),
          now,
          only: plan.only ?? [],
        });
      case 'restore':
        return stageRestore(ground, workspace, { ...common, wanted: plan.asOf, now, plan });
    }
  };
}

function pairsOf(ground: Ground, plan: SwitchPlan): Pair[] {
  return plan.pairs.map((id) => readPair(ground.host, ground.folders, id));
}

/** Throws `switch/no-pair` where the rollback that is to be taken back is no longer the last one. */
function departureOfPlan(ground: Ground, plan: SwitchPlan): Departure {
  const own = plan.undoes === null ? null : departureFor(ground, plan.undoes);
  return own ?? departureOf(bookNow(ground));
}

/** The opposite switch of one that did not come out sound; it is not itself undone. */
function undoOf(ground: Ground, plan: SwitchPlan): SwitchPlan | null {
  const common = {
    from: plan.to,
    to: plan.from,
    reason: `undo of ${plan.run}`,
    policy: 'hold' as const,
    starts: plan.starts,
    undoes: plan.run,
  };
  switch (plan.kind) {
    case 'rollback':
    case 'restore':
    case 'carry':
      if (departureFor(ground, plan.run) === null) return null;
      return makePlan(ground, { ...common, kind: 'return', only: plan.only });
    case 'upgrade':
    case 'return': {
      const pairs = pairsBackTo(ground.host, ground.folders, plan.from).map(({ id }) => id);
      return makePlan(ground, { ...common, kind: 'rollback', pairs, holds: true });
    }
  }
}
