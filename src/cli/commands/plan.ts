import { z } from 'zod';
import { planRollback, trialLines } from '../confirming.ts';
import { surveyFirst } from '../deciding.ts';
import { openGround } from '../open.ts';
import { duration } from '../output.ts';
import { decisionsFrom } from '../running.ts';
import type { UpgradeTrial } from '../../switch/trial/trial-upgrade.ts';
import { surveyLines } from '../survey-lines.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z
  .object({
    to: z.string().optional(),
    upgrade: z.string().optional(),
    asOf: z.string().optional(),
    decide: z.array(z.string()).default([]),
  })
  .refine(({ upgrade, to, asOf }) => upgrade === undefined || (to ?? asOf) === undefined, {
    path: ['upgrade'],
    message: 'plans an upgrade; --to and --as-of are those of a rollback',
  });

export const planCommand: CommandDefinition = {
  example: 'backstep plan --json',
  takesLock: true,
  options: {
    '--to <version>': { text: 'the release to go back to (default: the one before)' },
    '--upgrade <version>': { text: 'what an upgrade would do: migrates a copy and surveys it' },
    '--as-of <time>': { text: 'take the state captured by then for the state now' },
    '--decide <place=choice>': { text: 'as-is, park or before, for one place', isRepeated: true },
  },
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const decisions = decisionsFrom(call, wishes.decide);
    if (wishes.upgrade !== undefined) {
      const request = { to: wishes.upgrade, decisions, ignoresHold: true };
      const trial = await surveyFirst(call, ground, request);
      const { estimate } = trial;
      call.output.result(trial, [
        migrationLine(trial),
        ...surveyLines(trial),
        '',
        estimate === null
          ? 'no earlier upgrade to estimate from'
          : `about ${duration(estimate.downtimeMs)} of downtime (median of ${estimate.runs})`,
      ]);
      return 0;
    }
    const request = { to: wishes.to ?? null, asOf: wishes.asOf ?? null, decisions };
    const trial = await planRollback(call, ground, request);
    call.output.result(trial, [`${ground.manifest.app}:`, ...trialLines(trial, 'rollback')]);
    return 0;
  },
};

function migrationLine({ to, migration: { way, argv } }: UpgradeTrial): string {
  const words = argv.join(' ');
  switch (way) {
    case 'command':
      return `a copy of the state is migrated by: ${words}`;
    case 'start':
      return `a copy of the state is migrated by ${to} itself, which is started on it until it is healthy: ${words}`;
    case 'none':
      return 'nothing migrates the state: no `migrate` is in the manifest';
  }
}
