import { z } from 'zod';
import { duration } from '../../form/units.ts';
import { pruneStore } from '../../switch/retention.ts';
import { alone } from '../alone.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const count = z.coerce.number().int().min(0);
const flags = z.object({
  safety: duration.prefault('30d'),
  last: count.default(5),
  daily: count.default(7),
  weekly: count.default(4),
  monthly: count.default(12),
  yes: z.boolean().default(false),
});

export const pruneCommand: CommandDefinition = {
  example: `backstep prune          shows what would go
  backstep prune --yes`,
  takesLock: true,
  options: {
    '--safety <duration>': {
      text: 'how long safety snapshots and pairs stay that no way leads to (default: 30d)',
    },
    '--last <n>': { text: 'how many of the newest other snapshots stay (default: 5)' },
    '--daily <n>': { text: 'one for each of so many days (default: 7)' },
    '--weekly <n>': { text: 'one for each of so many weeks (default: 4)' },
    '--monthly <n>': { text: 'one for each of so many months (default: 12)' },
    '--yes': { text: 'remove them; without it nothing is removed' },
  },
  run: async (call, given) => {
    const { safety, yes, ...snapshots } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const rule = { snapshots, safetyMs: safety, releases: ground.manifest.releases.keep };
    const pruned = await alone(call, ground, {
      purpose: 'prune',
      work: () => pruneStore(ground, rule, { apply: yes }),
    });
    const { remove, keep, freedBytes, dropped, objects, releases } = pruned;
    const document = {
      applied: yes,
      remove,
      keep,
      dropped,
      releases,
      freedBytes,
      objects: objects.length,
    };
    const would = yes ? '' : 'would be ';
    call.output.result(document, [
      ...releases.map((version) => `${yes ? 'removed' : 'would go'}: release ${version}`),
      ...remove.map((id) => `${yes ? 'removed' : 'would go'}: ${id}`),
      `${remove.length} snapshots ${would}removed, ${keep.length} stay; ${megabytes(freedBytes)} ${would}freed`,
      ...(yes || remove.length + objects.length + releases.length === 0
        ? []
        : ['nothing was removed: add --yes to do it']),
    ]);
    return 0;
  },
};

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
