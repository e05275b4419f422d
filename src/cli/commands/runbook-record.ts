import { dirname, resolve } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { createWhole } from '../../host/whole-file.ts';
import { rollbackProcedure } from '../../incident/runbook/procedure.ts';
import { recordLines, recordPage } from '../../incident/runbook/record.ts';
import { openGround } from '../open.ts';
import { newestRunbook, tellRunbook } from '../runbook/runbook.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({ into: z.string().optional() });

export const runbookRecordCommand: CommandDefinition = {
  example: 'backstep runbook record --into rollback-of-today.html',
  options: {
    '--into <file>': { text: 'a new file: a page where its name ends in .html, else text' },
  },
  run: (call, given) => {
    const { into } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const newest = newestRunbook(ground);
    if (newest === null) {
      throw new BackstepError('incident/no-runbook', {
        message: 'no procedure was ever begun here',
        hint: 'begin one with `backstep runbook rollback --reason WHY --by NAME`',
      });
    }
    const { id, entries, progress } = newest;
    if (into !== undefined) {
      const text = into.endsWith('.html')
        ? recordPage(rollbackProcedure, progress, entries)
        : `${recordLines(rollbackProcedure, progress).join('\n')}\n`;
      const path = resolve(call.cwd, into);
      createWhole(ground.host.disk, path, {
        bytes: Buffer.from(text),
        mode: 0o600,
        isSynced: true,
      });
      ground.host.disk.syncFolder(dirname(path));
      call.output.say([`the record is in ${path}`]);
    }
    tellRunbook(call, id, entries);
    return Promise.resolve(0);
  },
};
