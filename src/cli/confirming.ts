import type { DecisionsByAsset } from '../switch/decided.ts';
import type { Ground } from '../switch/ground.ts';
import { tryReturn, tryRollback, type Trial, type TrialRequest } from '../switch/trial/trial.ts';
import { alone } from './alone.ts';
import type { Call } from './context.ts';
import { refuseInterrupted } from './interrupted.ts';
import { duration } from './output.ts';
import { trialOptions } from './run-events.ts';
import { assetLines } from './run-lines.ts';
import { askingOf } from './running.ts';
import { askOpen, questionLines } from './open-questions.ts';
import { askYes, declined } from './terminal/ask.ts';

/** What a rollback would do, found on a captured state while the application runs. */
export async function planRollback(
  call: Call,
  ground: Ground,
  request: TrialRequest,
): Promise<Trial> {
  return alone(call, ground, {
    purpose: 'plan of a rollback',
    work: () => {
      refuseInterrupted(ground);
      return tryRollback(ground, request, trialOptions(call));
    },
  });
}

/** The same for a return. */
export async function planReturn(call: Call, ground: Ground): Promise<Trial> {
  return alone(call, ground, {
    purpose: 'plan of a return',
    work: () => {
      refuseInterrupted(ground);
      return tryReturn(ground, trialOptions(call));
    },
  });
}

/**
 * Shows the plan of a rollback to the person at the terminal, asks what only a person can tell of its data, and whether to go
 * on. Returns all decisions, those that were given before among them. Throws `switch/declined`, `interrupted`.
 */
export async function confirmRollback(
  call: Call,
  ground: Ground,
  request: TrialRequest,
): Promise<DecisionsByAsset> {
  const trial = await planRollback(call, ground, request);
  const asking = askingOf(call);
  const isClear = Object.values(trial.assets).every(({ questions }) => questions.length === 0);
  if (asking === null || isClear) {
    await confirmTrial(call, trial, 'rollback');
    return request.decisions;
  }
  call.output.say([...trialLines(trial, 'rollback'), '']);
  const at = new Date(call.host.clock.now()).toISOString();
  const decisions = joined(request.decisions, await askOpen(asking, trial.assets, at));
  // An answer may open another question: what comes first hides what comes after it.
  return confirmRollback(call, ground, { ...request, decisions });
}

function joined(said: DecisionsByAsset, more: DecisionsByAsset): DecisionsByAsset {
  const assets = new Set([...Object.keys(said), ...Object.keys(more)]);
  return Object.fromEntries(
    [...assets].map((asset) => [asset, [...(said[asset] ?? []), ...(more[asset] ?? [])]]),
  );
}

/** Shows a plan to the person at the terminal and asks once. Throws `switch/declined`, `interrupted`. */
export async function confirmTrial(
  call: Call,
  trial: Trial,
  what: 'rollback' | 'return',
): Promise<void> {
  const asking = askingOf(call);
  if (asking === null) return;
  call.output.say([...trialLines(trial, what), '']);
  const way = trial.oneWay ? ' It is ONE WAY in part.' : '';
  const message = `${what === 'rollback' ? 'Roll back' : 'Return'} from ${trial.from} to ${trial.to}?${way}`;
  if (!(await askYes(asking, message))) throw declined(`the ${what}`);
}

/** A plan, for a person. */
export function trialLines(trial: Trial, what: string): string[] {
  return [
    `a ${what} would lead from ${trial.from} to ${trial.to} (${trial.way})`,
    '',
    ...assetLines(trial.assets),
    ...Object.entries(trial.assets).flatMap(([asset, report]) => [
      ...decisionLines(asset, report),
      ...damageLines(asset, report),
    ]),
    ...questionLines(trial.assets),
    '',
    closing(trial),
  ];
}

type AssetTrial = Trial['assets'][string];

/** What was decided about places of one asset, a line each. */
export function decisionLines(asset: string, { decisions }: AssetTrial): string[] {
  return decisions.map(({ place, choice, by }) => {
    const full = place.startsWith(`${asset}/`) ? place : `${asset}.${place}`;
    const other = by === 'default' ? `; another answer: --decide ${full}=as-is` : '';
    return `decided by ${by}: ${full}: ${choice}${other}`;
  });
}

function damageLines(asset: string, { damage }: AssetTrial): string[] {
  return Object.entries(damage).map(([place, { total, deleted, emptied, overwritten, parked }]) => {
    const losses = `${deleted} deleted, ${emptied} emptied, ${overwritten} overwritten of ${total}`;
    const verdict =
      parked.length === 0 ? 'within the limit' : `above the limit, so parked: ${parked.join(', ')}`;
    return `since the upgrade: ${asset}.${place}: ${losses}: ${verdict}`;
  });
}

/** Its class, what it would take, and whether that could be taken back. */
export function closing({ class: complexity, objective, oneWay, estimate }: Trial): string {
  const expected =
    estimate === null
      ? 'no earlier run to estimate from'
      : `about ${duration(estimate.downtimeMs)} of downtime (median of ${estimate.runs})`;
  const way = oneWay
    ? ' · ONE WAY: some changes made under the old release could not go forward again'
    : '';
  return `class ${complexity} · ${expected} · objective ${objective.type}: at most ${duration(objective.maxDowntimeMs)}${way}`;
}
