import { openGround } from '../open.ts';
import { exitCodeOf, runOptions } from '../running.ts';
import { runLines } from '../run-lines.ts';
import { exclusively, resumeAll } from '../../switch/operations.ts';
import type { CommandDefinition } from './definition.ts';

export const resumeCommand: CommandDefinition = {
  example: 'backstep resume',
  run: async (call) => {
    const ground = openGround(call);
    const reports = await exclusively(ground, { purpose: 'resume', waitMs: 0 }, () =>
      resumeAll(ground, runOptions(call), { retries: true }),
    );
    const lines = reports.flatMap((report) => runLines(ground, report));
    call.output.result(reports, reports.length === 0 ? ['nothing was interrupted'] : lines);
    return Math.max(0, ...reports.map(exitCodeOf));
  },
};
