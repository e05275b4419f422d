import { z } from 'zod';
import { rollbackProcedure } from '../../incident/runbook/procedure.ts';
import { nextItem } from '../../incident/runbook/progress.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { openGround } from '../open.ts';
import { note, openRunbook, personName, tellRunbook } from '../runbook/runbook.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const handed = z.object({
  by: personName.optional(),
  to: z.string('--to NAME is needed').trim().min(1, 'a name'),
  note: z.string().default(''),
});

export const runbookHandOverCommand: CommandDefinition = {
  example: 'backstep runbook hand-over --to "second on call" --note "waiting for the platforms"',
  options: {
    '--to <name>': { text: 'who leads from now on' },
    '--by <name>': { text: 'who hands over (default: who leads)' },
    '--note <text>': { text: 'what they should know' },
  },
  run: async (call, given) => {
    const { by, to, note: text } = parseGiven(handed, given.flags);
    const ground = openGround(call);
    const { id, progress } = openRunbook(ground);
    const happening = { event: 'handed-over', to, note: text } as const;
    tellRunbook(call, id, await note(call, ground, { id, by: by ?? progress.holder, happening }));
    return 0;
  },
};

const closed = z.object({ by: personName, note: z.string().default('done') });

export const runbookCloseCommand: CommandDefinition = {
  example: 'backstep runbook close --by "first on call"',
  options: {
    '--by <name>': { text: 'who closes it' },
    '--note <text>': { text: 'needed where something is still open: why' },
  },
  run: async (call, given) => {
    const { by, note: text } = parseGiven(closed, given.flags);
    const ground = openGround(call);
    const { id, progress } = openRunbook(ground);
    const open = nextItem(rollbackProcedure, progress);
    if (open !== null && given.flags['note'] === undefined) {
      throw new BackstepError('incident/open-items', {
        message: `${open.id} is not done: ${open.text}`,
        hint: 'do it, or close all the same with --note WHY',
      });
    }
    const happening = { event: 'closed', note: text } as const;
    tellRunbook(call, id, await note(call, ground, { id, by, happening }));
    return 0;
  },
};
