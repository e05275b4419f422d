import { z } from 'zod';
import { openGround } from '../open.ts';
import { chooseParked, contentOf } from '../parked-files.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string().optional()]);
const flags = z.object({ asset: z.string().optional() });

export const parkedShowCommand: CommandDefinition = {
  example: 'backstep parked show --asset history',
  readsOnly: true,
  arguments: {
    '[run]': 'a run of `backstep parked list` (default: the newest that parked something)',
  },
  options: { '--asset <name>': { text: 'this asset alone' } },
  run: (call, given) => {
    const [wanted] = parseGiven(named, given.args);
    const { asset } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const { run, files } = chooseParked(ground, { wanted, asset });
    const shown = files.map((file) => ({ ...file, values: contentOf(ground.host.disk, file) }));
    call.output.result(
      { run, files: shown.map((file) => ({ ...file, values: plain(file.values) })) },
      shown.flatMap(({ asset: name, path, values }) => [
        `${name}: ${path}`,
        ...JSON.stringify(plain(values), null, 2)
          .split('\n')
          .map((line) => `  ${line}`),
      ]),
    );
    return Promise.resolve(0);
  },
};

/** JSON has no words for blobs and for integers beyond 2^53. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
