import { z } from 'zod';
import { rollback } from '../../switch/operations.ts';
import { openGround } from '../open.ts';
import { decisionsFrom, requireYes, runAndTell } from '../running.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  to: z.string().optional(),
  asOf: z.string().optional(),
  only: z.array(z.string()).default([]),
  reason: z.string().default('rollback'),
  decide: z.array(z.string()).default([]),
  yes: z.boolean().default(false),
  emergency: z.boolean().default(false),
  confirm: z.boolean().default(false),
  onFailure: z.enum(['undo', 'hold']).optional(),
});

export const rollbackCommand: CommandDefinition = {
  example: 'backstep rollback --reason "downloads fail" --yes',
  options: {
    '--to <version>': { text: 'the release to go back to (default: the one before)' },
    '--only <asset>': { text: 'roll back this asset alone, the release stays', isRepeated: true },
    '--as-of <time>': {
      text: 'take the state captured by then (a time or a snapshot) for the state now',
    },
    '--reason <text>': { text: 'why, for the record and the hold' },
    '--decide <place=choice>': { text: 'as-is, park or before, for one place', isRepeated: true },
    '--on-failure <policy>': { text: 'undo or hold, if the old release is not sound' },
    '--emergency': { text: 'no questions; a failed check holds instead of going forward again' },
    '--confirm': { text: 'needed with --emergency' },
    '--yes': { text: 'ask nothing' },
  },
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const isConfirmed = wishes.yes || (wishes.emergency && wishes.confirm);
    requireYes(call, isConfirmed, 'the rollback');
    const ground = openGround(call);
    return runAndTell(call, ground, {
      purpose: `rollback to ${wishes.to ?? 'the release before'}`,
      run: (options) =>
        rollback(
          ground,
          {
            to: wishes.to ?? null,
            reason: wishes.reason,
            decisions: decisionsFrom(call, wishes.decide),
            asOf: wishes.asOf ?? null,
            only: wishes.only.length === 0 ? null : wishes.only,
            policy: wishes.onFailure ?? (wishes.emergency ? 'hold' : 'undo'),
          },
          options,
        ),
    });
  },
};
