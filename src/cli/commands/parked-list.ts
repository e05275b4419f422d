import { openGround } from '../open.ts';
import { table } from '../output.ts';
import { readRun, runNames } from '../past-runs.ts';
import { parkedFiles } from '../parked-files.ts';
import type { CommandDefinition } from './definition.ts';

export const parkedListCommand: CommandDefinition = {
  example: 'backstep parked list',
  readsOnly: true,
  run: (call) => {
    const ground = openGround(call);
    const parked = runNames(ground).flatMap((run) => {
      const assets = Object.entries(readRun(ground, run).report?.assets ?? {});
      const files = parkedFiles(ground, run);
      return assets.flatMap(([asset, { parked: counts }]) =>
        counts.map((count) => ({
          run,
          asset,
          ...count,
          files: files.filter((file) => file.asset === asset).map(({ path }) => path),
        })),
      );
    });
    const rows = parked.map(({ run, asset, what, count, why }) => [
      run,
      asset,
      what,
      String(count),
      why,
    ]);
    call.output.result(
      parked,
      rows.length === 0
        ? ['nothing was parked by any run']
        : table([['run', 'asset', 'what', 'count', 'why'], ...rows]),
    );
    return Promise.resolve(0);
  },
};
