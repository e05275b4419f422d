import { isDeepStrictEqual } from 'node:util';
import { nameOf } from './kill-points.ts';
import { oneOf, randomStrikes, type RandomKind } from './random-kills.ts';
import { SdmStages, type SdmOutcome, type SdmStage } from './sdm-stages.ts';

/** What is to be done when all trials are over. */
interface Scope {
  after(clean: () => void | Promise<void>): void;
}

/** Commands on the real releases at random acts of their disk: the running application is asked what it shows. */
export async function onSdm(scope: Scope): Promise<RandomKind> {
  const stages = await SdmStages.open(scope);
  const drawn: SdmStage[] = [];
  for await (const stage of stages.each()) {
    scope.after(() => stages.discard(stage));
    drawn.push(stage);
  }
  return async (random) => {
    const stage = oneOf(random, drawn);
    const [strike = { how: 'kill', at: 1 }] = randomStrikes(random, stage.acts);
    const outcome = await stages.kill(stage, strike);
    const end = endOf(stage, outcome);
    return {
      name: `Social Download Manager: ${stage.name}`,
      kills: outcome.wasKilled ? 1 : 0,
      point: nameOf(strike),
      end,
      losses: end === null ? [JSON.stringify(outcome)] : [],
    };
  };
}

function endOf({ before, after }: SdmStage, { exitCode, shown }: SdmOutcome): string | null {
  if (exitCode !== 0 && exitCode !== 4) return null;
  if (isDeepStrictEqual(shown, after)) return 'after';
  return isDeepStrictEqual(shown, before) ? 'before' : null;
}
