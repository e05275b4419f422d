import { z } from 'zod';
import { draftReversal } from '../reversal/draft.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  pair: z.string().optional(),
  before: z.string().optional(),
  after: z.string().optional(),
  asset: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  out: z.string().optional(),
});

export const reversalDraftCommand: CommandDefinition = {
  example: `backstep reversal draft --pair pair-20260131T043000000Z-1a2b3c

Writes what the data of an upgrade tells: renamed columns and tables, one-to-one maps of words, each with its evidence. What
it does not tell is marked with HOLE. A file that is there is never replaced.`,
  options: {
    '--pair <id>': { text: 'the states of a recorded upgrade' },
    '--before <db>': { text: 'or a database from before the upgrade …' },
    '--after <db>': { text: '… and the same one right after it' },
    '--asset <name>': { text: 'what the reversal file is to call that database' },
    '--from <version>': { text: 'with --before and --after: the newer release' },
    '--to <version>': { text: 'with --before and --after: the older release' },
    '-o, --out <file>': { text: 'where it goes (default: FROM-to-TO.yaml among the reversals)' },
  },
  run: async (call, given) => {
    const { pair, before, after, asset, from, to, out } = parseGiven(flags, given.flags);
    const drafted = await draftReversal(call, { pair, before, after, asset, from, to, out });
    const lines =
      drafted.file === null
        ? ['no name and no meaning changed: no reversal file is needed']
        : [
            `${drafted.file}: ${drafted.holes} holes are left to fill`,
            `judge it with: backstep reversal check ${drafted.file}`,
          ];
    call.output.result(drafted, lines);
    return 0;
  },
};
