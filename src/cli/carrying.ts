import type { Ground } from '../switch/ground.ts';
import { carry } from '../switch/operations.ts';
import type { RunReport } from '../switch/report/report.ts';
import { tryCarry } from '../switch/trial/trial-carry.ts';
import type { Trial } from '../switch/trial/trial.ts';
import { uncarried } from '../switch/emergency/uncarried.ts';
import { alone } from './alone.ts';
import { closing, decisionLines } from './confirming.ts';
import type { Call } from './context.ts';
import { trialOptions } from './run-events.ts';
import { assetLines } from './run-lines.ts';
import { askingOf, runOptions } from './running.ts';
import { askYes } from './terminal/ask.ts';

/**
 * Brings what the scripts of the emergency kit left out into the release that runs, with `--yes`, or where the person at
 * the terminal says so to the plan. Null where nothing waits, or nobody says so: it stays with the release that was left,
 * and comes back with a return.
 */
export async function carryLeftOut(
  call: Call,
  ground: Ground,
  { yes }: { readonly yes: boolean },
): Promise<RunReport | null> {
  const left = uncarried(ground);
  if (left === null) return null;
  if (!yes && !(await isWished(call, ground))) {
    call.output.say([
      `not carried: what was changed in ${left.assets.join(', ')} after the upgrade; \`backstep resume --yes\` brings it into ${left.departure.to}, \`backstep return\` goes to ${left.departure.from} with it`,
    ]);
    return null;
  }
  return alone(call, ground, {
    purpose: 'carry',
    work: () => carry(ground, { policy: 'undo' }, runOptions(call)),
  });
}

async function isWished(call: Call, ground: Ground): Promise<boolean> {
  const asking = askingOf(call);
  if (asking === null) return false;
  const trial = await alone(call, ground, {
    purpose: 'plan of carrying',
    work: () => tryCarry(ground, trialOptions(call)),
  });
  call.output.say([...planLines(trial), '']);
  return askYes(asking, `Stop ${trial.to}, carry this into it, and start it again?`);
}

function planLines(trial: Trial): string[] {
  return [
    `what the emergency rollback left out would be carried into ${trial.to}`,
    '',
    ...assetLines(trial.assets),
    ...Object.entries(trial.assets).flatMap(([asset, report]) => decisionLines(asset, report)),
    '',
    closing(trial),
  ];
}
