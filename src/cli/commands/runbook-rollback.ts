import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { randomHex } from '../../host/random.ts';
import { bookNow } from '../../switch/operations.ts';
import { openGround } from '../open.ts';
import { newestRunbook, note, personName, tellRunbook } from '../runbook/runbook.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const begun = z.object({
  reason: z.string('--reason WHY is needed to begin a procedure').min(1, 'a reason'),
  by: personName,
});

export const runbookRollbackCommand: CommandDefinition = {
  example: `backstep runbook rollback --reason "downloads fail since 2.0.0" --by "first on call"

A rollback by hand, with a team: four phases, eight steps. Begins the procedure, or shows the one under way.`,
  options: {
    '--reason <text>': { text: 'why the release is left (to begin)' },
    '--by <name>': { text: 'who leads it (to begin)' },
  },
  run: async (call, given) => {
    const ground = openGround(call);
    const newest = newestRunbook(ground);
    if (newest !== null && newest.progress.closed === null) {
      refuseSecond(given.flags);
      tellRunbook(call, newest.id, newest.entries);
      return 0;
    }
    const { reason, by } = parseGiven(begun, given.flags);
    const time = new Date(ground.host.clock.now()).toISOString().replaceAll(/[-:.]/g, '');
    const id = `rollback-${time}-${randomHex(ground.host.random, 2)}`;
    const release = bookNow(ground).release ?? 'unknown';
    const happening = { event: 'begun', reason, release } as const;
    tellRunbook(call, id, await note(call, ground, { id, by, happening }));
    return 0;
  },
};

function refuseSecond(flags: Readonly<Record<string, unknown>>): void {
  if (flags['reason'] === undefined) return;
  throw new BackstepError('usage', {
    message: 'a procedure is under way already, so another one is not begun',
    hint: 'see it with `backstep runbook rollback`; end it with `backstep runbook close`',
  });
}
