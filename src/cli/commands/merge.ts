import { z } from 'zod';
import { mergeDocument, mergeLines } from '../merge/merge-lines.ts';
import { mergeFiles } from '../merge/merge.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z
  .object({
    out: z.string('-o FILE is needed'),
    parked: z.string().optional(),
    force: z.boolean().default(false),
    reversal: z.string().optional(),
    asset: z.string().optional(),
    decide: z.array(z.string()).default([]),
    forth: z.boolean().default(false),
    yes: z.boolean().default(false),
    salvage: z.boolean().default(false),
    carryAll: z.boolean().default(false),
  })
  .refine(({ forth, decide }) => !forth || decide.length === 0, {
    path: ['decide'],
    message: 'decides what is parked on the way back; with --forth there is nothing to decide',
  });
const files = z.tuple([z.string(), z.string(), z.string()]);

export const mergeCommand: CommandDefinition = {
  example: `backstep merge before.db after.db now.db -o out.db

BEFORE is the state before the upgrade, AFTER the state right after it (migrated, no user yet), NOW the state that
users changed since. OUT is BEFORE with what users changed between AFTER and NOW. With --forth: what was displaced
by a rollback, the state right after it, and now. No manifest is read, and the three files are only read.`,
  arguments: {
    '<before>': 'a SQLite database or a JSON document',
    '<after>': 'the same right after the upgrade',
    '<now>': 'the same as it is now',
  },
  options: {
    '-o, --out <file>': { text: 'where the result goes' },
    '--parked <file>': {
      text: 'where what the old shape cannot hold goes (default: OUT.parked.db or OUT.parked.json)',
    },
    '--reversal <file>': { text: 'the reversal file of the two releases' },
    '--asset <name>': { text: 'which database or document of the reversal file this is' },
    '--decide <place=choice>': { text: 'as-is, park or before, for one place', isRepeated: true },
    '--forth': { text: 'the way forward: DISPLACED SETTLED NOW' },
    '--salvage': { text: 'where NOW is a damaged database, take what can be read of it' },
    '--carry-all': { text: 'carry deletions and overwritten values, however many they are' },
    '--force': { text: 'replace OUT and PARKED where they are there' },
    '--yes': { text: 'use the maps and moves that the data proves' },
  },
  run: async (call, given) => {
    const wishes = parseGiven(flags, given.flags);
    const [before, after, now] = parseGiven(files, given.args);
    const merged = await mergeFiles(call, {
      files: { before, after, now },
      out: wishes.out,
      parked: wishes.parked,
      force: wishes.force,
      reversal: wishes.reversal,
      asset: wishes.asset,
      decide: wishes.decide,
      direction: wishes.forth ? 'forth' : 'back',
      takesProvenMaps: wishes.yes,
      salvages: wishes.salvage,
      carriesAll: wishes.carryAll,
    });
    call.output.result(mergeDocument(merged), mergeLines(merged));
    return 0;
  },
};
