import { z } from 'zod';
import type { ServiceForms, ServiceSchema } from '../service.ts';
import type { RestartPolicy } from './restart.ts';

/** An application that Backstep's own supervisor runs. */
export interface ProcessDefinition {
  readonly manager: 'process';
  /** Program and arguments; placeholders are filled in before it is opened. */
  readonly run: readonly [string, ...string[]];
  /** Added to the small environment that the application gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The account that it runs as; the caller's own where it is left out. Needs root otherwise. */
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Between SIGTERM and SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly restart: RestartPolicy;
  /** What its log may take, the older part included. */
  readonly logBytes: number;
}

/** The form in the manifest. */
export function processSchema(forms: ServiceForms): ServiceSchema<ProcessDefinition> {
  const { duration } = forms;
  const restart = z.strictObject({
    limit: z.int().min(1).default(5).describe('crashes in a row after which it stays down'),
    firstWait: duration.prefault('1s').describe('wait after the first crash; doubles with each'),
    longestWait: duration.prefault('60s').describe('the wait never grows beyond this'),
    soundAfter: duration.prefault('60s').describe('having run this long, it counts as sound'),
  });
  return z
    .strictObject({
      manager: z.literal('process'),
      run: forms.command.describe('program and arguments'),
      env: z.record(z.string(), z.string()).default({}),
      cwd: z.string().default('/'),
      user: z.string().min(1).optional().describe('account that it runs as'),
      port: z.int().min(0).max(65_535).optional(),
      stopTimeout: duration.prefault('30s').describe('between SIGTERM and SIGKILL'),
      restart: restart.prefault({}),
      logSize: forms.size.prefault('20MiB').describe('what its log may take'),
    })
    .transform(({ stopTimeout, restart: given, logSize, ...rest }) => ({
      ...rest,
      stopTimeoutMs: stopTimeout,
      logBytes: logSize,
      restart: {
        limit: given.limit,
        firstWaitMs: given.firstWait,
        longestWaitMs: given.longestWait,
        soundAfterMs: given.soundAfter,
      },
    }));
}
