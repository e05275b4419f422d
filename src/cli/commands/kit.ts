import { resolve } from 'node:path/posix';
import { z } from 'zod';
import { kitFolder, type Kit } from '../../kit/kit.ts';
import { alone } from '../alone.ts';
import { writtenKit } from '../kept-kit.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({ to: z.string().optional() });

export const kitCommand: CommandDefinition = {
  example: `backstep kit
  sh STATE/kit/emergency_rollback.sh --confirm     goes back, also where neither Node nor Backstep is there`,
  takesLock: true,
  options: { '--to <folder>': { text: 'where it is written (default: kit in the state folder)' } },
  run: async (call, given) => {
    const { to } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const folder = to === undefined ? kitFolder(ground) : resolve(call.cwd, to);
    const kit = await alone(call, ground, {
      purpose: 'kit',
      work: async () => writtenKit(call, ground, folder),
    });
    const { pair, notes } = kit.facts;
    const { from, to: until } = pair;
    call.output.result(
      { folder, pair: pair.id, from: until, to: from, names: kit.names, notes },
      linesOf(kit),
    );
    return 0;
  },
};

function linesOf({ folder, facts, names }: Kit): string[] {
  const { pair, notes } = facts;
  return [
    `${folder}: ${names.length} files, back from ${pair.to} to ${pair.from}`,
    ...(notes.length === 0 ? [] : ['without Backstep these are not carried:']),
    ...notes.map((note) => `  ${note}`),
  ];
}
