import { command } from '../../form/command.ts';
import { pathText } from '../../form/path-text.ts';
import { strict, text, z } from '../../form/schema.ts';
import { duration, size } from '../../form/units.ts';
import { inMilliseconds, serviceKeys } from '../keys.ts';

const restart = strict({
  limit: z.int().min(1).default(5).meta({
    description: 'crashes in a row after which it stays down',
  }),
  firstWait: duration.prefault('1s').meta({
    description: 'wait after the first crash; doubles with each',
  }),
  longestWait: duration.prefault('60s').meta({ description: 'the wait never grows beyond this' }),
  soundAfter: duration.prefault('60s').meta({
    description: 'having run this long, it counts as sound',
  }),
});

/** An application that Backstep's own supervisor runs, as the manifest says it. */
export const processSchema = strict({
  manager: z.literal('process'),
  run: command.transform(({ argv }) => argv).meta({ description: 'program and arguments' }),
  env: z
    .record(z.string().regex(/^[^=\0]+$/, { error: 'the name of a variable' }), z.string())
    .default({})
    .meta({ description: 'added to the small environment that the application gets' }),
  cwd: pathText.prefault('.').meta({ description: 'where it runs; the folder of the manifest' }),
  user: text('the name of a user').optional().meta({
    description: 'the account that it runs as; another than the own one needs root',
  }),
  restart: restart.prefault({}),
  logSize: size.prefault('20MiB').meta({
    description: 'what its log may take, the older part included',
  }),
  ...serviceKeys,
}).transform(({ restart: { limit, ...waits }, logSize, ...rest }) => ({
  ...inMilliseconds(rest),
  logBytes: logSize,
  restart: {
    limit,
    firstWaitMs: waits.firstWait,
    longestWaitMs: waits.longestWait,
    soundAfterMs: waits.soundAfter,
  },
}));

/** `run` and `env` hold placeholders until they are filled in; `cwd` is absolute once it is resolved. */
export type ProcessDefinition = Readonly<z.output<typeof processSchema>>;
