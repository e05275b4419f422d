import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import type { Finished } from '../host/processes.ts';

/** A program and its arguments; never a shell's. */
export type Argv = readonly [string, ...string[]];

export interface StepLimits {
  readonly signal?: AbortSignal | undefined;
  /** Default: as long as a manager's own time limits may take. */
  readonly limitMs?: number;
  /** What a person runs to see more where the command fails. */
  readonly log: Argv;
}

/**
 * Runs one command of a service manager. `late`: the limit was over first, and the manager goes on with it.
 * Throws `service/command` for another exit code than 0, `interrupted` where the signal came.
 */
export async function runStep(
  host: Host,
  argv: Argv,
  { signal, limitMs = longestMs, log }: StepLimits,
): Promise<'done' | 'late'> {
  const abort = signal === undefined ? {} : { abort: signal };
  const finished = await host.processes.run({ argv }, { limitMs, ...abort });
  if (finished.ended === 'limit') return 'late';
  if (finished.code === 0) return 'done';
  throw refused(argv, finished, log);
}

/** Asks without judging the exit code. */
export async function runQuery(host: Host, argv: Argv): Promise<Finished> {
  return host.processes.run({ argv }, { limitMs: queryMs });
}

/** Why a command of a manager counts as failed. */
export function refused(argv: Argv, finished: Finished, log: Argv): BackstepError {
  const said = finished.stderr.trim() || finished.stdout.trim() || 'it said nothing';
  if (finished.ended === 'aborted') {
    return new BackstepError('interrupted', {
      message: `${argv.join(' ')} was cut short`,
      hint: 'run the command again',
    });
  }
  return new BackstepError('service/command', {
    message: `${argv.join(' ')}: exit code ${finished.code ?? finished.signal}: ${said}`,
    hint: `run it by hand to see why; \`${log.join(' ')}\` has what the service wrote`,
  });
}

const queryMs = 15_000;
const longestMs = 15 * 60_000;
