import { z } from 'zod';
import { goForward } from '../../switch/operations.ts';
import { openGround } from '../open.ts';
import { confirmTrial, planReturn } from '../confirming.ts';
import { requireYes, runAndTell } from '../running.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  reason: z.string().default('return'),
  releaseHold: z.boolean().default(false),
  yes: z.boolean().default(false),
  onFailure: z.enum(['undo', 'hold']).default('undo'),
});

export const returnCommand: CommandDefinition = {
  example: 'backstep return --release-hold --yes',
  takesLock: true,
  options: {
    '--release-hold': { text: 'the release that was left is sound again' },
    '--reason <text>': { text: 'why, for the record' },
    '--on-failure <policy>': { text: 'undo (default) or hold' },
    '--yes': { text: 'ask nothing' },
  },
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    requireYes(call, wishes.yes, 'the return');
    const ground = openGround(call);
    if (!wishes.yes) await confirmTrial(call, await planReturn(call, ground), 'return');
    return runAndTell(call, ground, {
      purpose: 'return',
      run: (options) =>
        goForward(
          ground,
          {
            reason: wishes.reason,
            releasesHold: wishes.releaseHold,
            policy: wishes.onFailure,
          },
          options,
        ),
    });
  },
};
