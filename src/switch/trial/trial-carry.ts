import type { Ground } from '../ground.ts';
import { bookNow, departureOf } from '../operations.ts';
import { stageCarry } from '../stage/stage-carry.ts';
import { prepareRollback } from '../stage/stage-rollback.ts';
import { readPair } from '../book.ts';
import { captureLive, heed, inTrial, trialOf, type Trial, type TrialOptions } from './trial.ts';
import { carryPlan } from '../emergency/uncarried.ts';

/** What carrying would do that the scripts of the emergency kit left out: all of it but the switch. Throws `switch/refused`. */
export async function tryCarry(ground: Ground, options: TrialOptions): Promise<Trial> {
  const plan = carryPlan(ground, { policy: 'undo', starts: false });
  return inTrial(ground, plan, async ({ workspace, states }) => {
    const book = bookNow(ground);
    const now = await captureLive(ground, plan, options);
    heed(options.signal);
    const pairs = plan.pairs.map((id) => readPair(ground.host, ground.folders, id));
    await prepareRollback(ground, { workspace, states, bulk: null }, pairs);
    const { assets } = await stageCarry(ground, workspace, {
      book,
      departure: departureOf(book),
      states,
      now,
      only: plan.only ?? [],
      onProgress: options.onProgress,
    });
    heed(options.signal);
    return trialOf(ground, plan, assets);
  });
}
