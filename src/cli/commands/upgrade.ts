import { z } from 'zod';
import { upgrade } from '../../switch/operations.ts';
import { openGround } from '../open.ts';
import { askBefore, decider } from '../deciding.ts';
import { decisionsFrom, runAndTell } from '../running.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  to: z.string('--to VERSION is needed'),
  reason: z.string().default('upgrade'),
  decide: z.array(z.string()).default([]),
  yes: z.boolean().default(false),
  onFailure: z.enum(['undo', 'hold']).default('undo'),
  releaseHold: z.boolean().default(false),
});

export const upgradeCommand: CommandDefinition = {
  example: 'backstep upgrade --to 2.0.0 --yes',
  takesLock: true,
  options: {
    '--to <version>': { text: 'the release, added before with `release add`' },
    '--reason <text>': { text: 'why, for the record' },
    '--decide <place=choice>': {
      text: 'what becomes of changes in a place that the upgrade rewrote: as-is, park or before',
      isRepeated: true,
    },
    '--on-failure <policy>': { text: 'undo (default) or hold, if the new release is not sound' },
    '--release-hold': { text: 'upgrade although the release is on hold' },
    '--yes': { text: 'ask nothing; take the maps and moves that the data proves' },
  },
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const { to } = wishes;
    const decisions = decisionsFrom(call, wishes.decide);
    const request = { to, decisions, ignoresHold: wishes.releaseHold };
    const answers = wishes.yes ? null : await askBefore(call, ground, request);
    return runAndTell(call, ground, {
      purpose: `upgrade to ${wishes.to}`,
      run: (options) =>
        upgrade(
          ground,
          {
            ...request,
            reason: wishes.reason,
            takesProvenMaps: wishes.yes,
            policy: wishes.onFailure,
          },
          { ...options, decide: decider(call, answers) },
        ),
    });
  },
};
