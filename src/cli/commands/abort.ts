import { z } from 'zod';
import { duration } from '../../form/units.ts';
import { abort } from '../../switch/operations.ts';
import type { RunResult } from '../../switch/phases.ts';
import { openGround } from '../open.ts';
import { runOptions } from '../running.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string().optional()]);
const flags = z.object({
  reason: z.string().default('aborted by a person'),
  wait: duration.prefault('15m'),
});

export const abortCommand: CommandDefinition = {
  example: `backstep abort --reason "wrong release"

Before its commit record all of a run goes back. After it the run's own policy decides: undo (the opposite switch, with
what was written meanwhile) or hold (the application stopped, a person goes on). Works on a run under way in another
process, and on one that was interrupted. Exit code 0: the application runs as before; 7: it is held.`,
  arguments: { '[run]': 'a run of `backstep history` (default: the newest that has not ended)' },
  options: {
    '--reason <text>': { text: 'why, for the record' },
    '--wait <duration>': { text: 'how long to wait until the run has ended (default: 15m)' },
  },
  run: async (call, given) => {
    const [run] = parseGiven(named, given.args);
    const { reason, wait } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const wishes = { run: run ?? null, reason, waitMs: wait };
    const ended = await abort(ground, wishes, runOptions(call));
    call.output.result(ended, [`${ended.run}: ${ended.result}: ${meaningOf(ended.result)}`]);
    return exitCodeFor(ended.result);
  },
};

/** What was asked for is that the run goes back; whether it did is the answer. */
function exitCodeFor(result: RunResult): number {
  if (result === 'inconsistent') return 5;
  return result === 'held' ? 7 : 0;
}

function meaningOf(result: RunResult): string {
  switch (result) {
    case 'abandoned':
      return 'nothing was changed; the application runs as before';
    case 'undone':
      return 'it was taken back; the application runs as before';
    case 'held':
      return 'it is committed and held, the application is stopped; see `backstep status`';
    case 'inconsistent':
    case 'upgraded':
    case 'rolled-back':
    case 'returned':
    case 'restored':
    case 'carried':
      return 'see `backstep inspect`';
  }
}
