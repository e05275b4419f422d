import { z } from 'zod';
import { tryRollback, type Trial } from '../../switch/trial.ts';
import { exclusively } from '../../switch/operations.ts';
import { openGround } from '../open.ts';
import { duration } from '../output.ts';
import { assetLines } from '../run-lines.ts';
import { decisionsFrom } from '../running.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  to: z.string().optional(),
  asOf: z.string().optional(),
  decide: z.array(z.string()).default([]),
});

export const planCommand: CommandDefinition = {
  example: 'backstep plan --json',
  options: {
    '--to <version>': { text: 'the release to go back to (default: the one before)' },
    '--as-of <time>': { text: 'take the state captured by then for the state now' },
    '--decide <place=choice>': { text: 'as-is, park or before, for one place', isRepeated: true },
  },
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const trial = await exclusively(ground, { purpose: 'plan', waitMs: 0 }, () =>
      tryRollback(
        ground,
        {
          to: wishes.to ?? null,
          asOf: wishes.asOf ?? null,
          decisions: decisionsFrom(call, wishes.decide),
        },
        { signal: call.signal, onProgress: () => {} },
      ),
    );
    call.output.result(trial, [
      `${ground.manifest.app}: a rollback would lead from ${trial.from} to ${trial.to} (${trial.way})`,
      '',
      ...assetLines(trial.assets),
      '',
      closing(trial),
    ]);
    return 0;
  },
};

function closing({ class: complexity, objective, oneWay, estimate }: Trial): string {
  const expected =
    estimate === null
      ? 'no earlier run to estimate from'
      : `about ${duration(estimate.downtimeMs)} of downtime (median of ${estimate.runs})`;
  const way = oneWay
    ? ' · ONE WAY: some changes made under the old release could not go forward again'
    : '';
  return `class ${complexity} · ${expected} · objective ${objective.type}: at most ${duration(objective.maxDowntimeMs)}${way}`;
}
