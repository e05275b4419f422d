import { z } from 'zod';
import { openGround } from '../open.ts';
import { itemOf, note, openRunbook, personName, tellRunbook } from '../runbook/runbook.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string()]);
const flags = z.object({ by: personName, note: z.string().default('seen') });

export const runbookTickCommand: CommandDefinition = {
  example: 'backstep runbook tick 5.1.P1-5 --by "first on call" --note "mail sent to all users"',
  arguments: { '<item>': 'the item that a person has done' },
  options: {
    '--by <name>': { text: 'who did it' },
    '--note <text>': { text: 'what was done, or seen' },
  },
  run: async (call, given) => {
    const [written] = parseGiven(named, given.args);
    const { by, note: evidence } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const { id } = openRunbook(ground);
    const happening = { event: 'done', item: itemOf(written).id, how: 'person', evidence } as const;
    tellRunbook(call, id, await note(call, ground, { id, by, happening }));
    return 0;
  },
};

const undone = z.object({ by: personName, why: z.string('--why TEXT is needed').min(1) });

export const runbookReopenCommand: CommandDefinition = {
  example: 'backstep runbook reopen 5.1.P4-6 --by "second on call" --why "TikTok fails again"',
  arguments: { '<item>': 'the item that is not done after all' },
  options: {
    '--by <name>': { text: 'who says so' },
    '--why <text>': { text: 'what was seen' },
  },
  run: async (call, given) => {
    const [written] = parseGiven(named, given.args);
    const { by, why } = parseGiven(undone, given.flags);
    const ground = openGround(call);
    const { id } = openRunbook(ground);
    const happening = { event: 'reopened', item: itemOf(written).id, why } as const;
    tellRunbook(call, id, await note(call, ground, { id, by, happening }));
    return 0;
  },
};
