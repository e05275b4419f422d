import { resolve } from 'node:path/posix';
import { z } from 'zod';
import { keptMonths, prunable } from '../../audit/prune.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({
  months: z.coerce.number().int().min(keptMonths).default(keptMonths),
  archive: z.string().optional(),
  yes: z.boolean().default(false),
});

export const auditPruneCommand: CommandDefinition = {
  example: 'backstep audit prune --archive /srv/archive/audit --yes',
  options: {
    '--months <count>': { text: `months of the log that stay (default and least: ${keptMonths})` },
    '--archive <folder>': { text: 'where the months go that leave the log' },
    '--yes': { text: 'do it; without it, what would go is shown' },
  },
  run: async (call, given) => {
    const { months, archive, yes } = parseGiven(flags, given.flags);
    const { audit, host } = openGround(call);
    const old = prunable(host.disk, audit.folder, { nowMs: host.clock.now(), months });
    const names = old.map(({ month }) => month);
    if (!yes || names.length === 0) {
      call.output.result({ months: names, done: false }, [
        names.length === 0 ? 'nothing is old enough' : `would go: ${names.join(', ')}`,
      ]);
      return 0;
    }
    if (archive === undefined) {
      throw new BackstepError('usage', {
        message:
          '--archive FOLDER is needed: a month leaves the log for somewhere, never for nowhere',
        hint: 'name a folder that is kept as long as your law asks',
      });
    }
    const into = resolve(call.cwd, archive);
    const record = await audit.prune({ months, archive: into });
    call.output.result({ months: names, done: true, record }, [
      `in ${into}: ${names.join(', ')}`,
      'the log says what left it, and verifies without',
    ]);
    return 0;
  },
};
