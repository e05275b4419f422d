import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { openGround } from '../open.ts';
import { runNames, chooseRun } from '../past-runs.ts';
import { contentOf, parkedFiles } from '../parked-files.ts';
import type { Ground } from '../../switch/ground.ts';
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
    const run = wanted === undefined ? newestWithParked(ground) : chooseRun(ground, wanted);
    const files = parkedFiles(ground, run).filter(
      (file) => asset === undefined || file.asset === asset,
    );
    if (files.length === 0) throw nothingParked(run, asset);
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

function newestWithParked(ground: Ground): string {
  const run = runNames(ground).findLast((name) => parkedFiles(ground, name).length > 0);
  if (run !== undefined) return run;
  throw new BackstepError('switch/no-run', {
    message: 'no run has parked anything',
    hint: 'see `backstep history`',
  });
}

function nothingParked(run: string, asset: string | undefined): BackstepError {
  return new BackstepError('switch/no-run', {
    message: `${run} has parked nothing${asset === undefined ? '' : ` of ${asset}`}`,
    hint: 'see `backstep parked list`',
  });
}

/** JSON has no words for blobs and for integers beyond 2^53. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
