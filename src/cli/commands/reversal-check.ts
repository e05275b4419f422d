import { z } from 'zod';
import { renderProblem } from '../../form/problem.ts';
import type { ReversalFinding } from '../../law/reversal/finding.ts';
import { checkReversal, type Checked } from '../reversal/check.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string()]);
const flags = z.object({
  pair: z.string().optional(),
  before: z.string().optional(),
  after: z.string().optional(),
  now: z.string().optional(),
  asset: z.string().optional(),
});

export const reversalCheckCommand: CommandDefinition = {
  example: `backstep reversal check reversals/2.0.0-to-1.2.1.yaml --before before.db --after after.db

Exit code 0 where nothing is wrong, 7 where something is. Warnings and notes leave it 0. Nothing is changed.`,
  arguments: { '<file>': 'a reversal file (a script of SQL is judged too, and refused)' },
  options: {
    '--pair <id>': { text: 'judge by the states of a recorded upgrade (see `backstep inspect`)' },
    '--before <db>': { text: 'judge by a database from before the upgrade …' },
    '--after <db>': { text: '… and the same one right after it' },
    '--now <db>': { text: 'and as users of the new release have made it, for words and formats' },
    '--asset <name>': { text: 'which database of the file --before and --after are' },
  },
  run: async (call, given) => {
    const [file] = parseGiven(named, given.args);
    const { pair, before, after, now, asset } = parseGiven(flags, given.flags);
    const checked = await checkReversal(call, { file, pair, before, after, now, asset });
    const isSound = !checked.findings.some(({ severity }) => severity === 'error');
    call.output.result({ ...checked, sound: isSound }, [
      ...checked.findings.map((each) => lineOf(file, each)),
      closing(checked, isSound),
    ]);
    return isSound ? 0 : 7;
  },
};

function lineOf(file: string, each: ReversalFinding): string {
  return `${each.severity}: ${renderProblem(file, each)} [${each.rule}]`;
}

function closing({ judgedBy, findings }: Checked, isSound: boolean): string {
  const count = (severity: string): number =>
    findings.filter((each) => each.severity === severity).length;
  const counts = `${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes`;
  const by =
    judgedBy === 'pair'
      ? 'judged by its words, by SQLite and by the data'
      : 'judged by its words alone: name --pair, or --before and --after, for SQLite and the data';
  return `${isSound ? 'sound' : 'NOT SOUND'}: ${counts} (${by})`;
}
