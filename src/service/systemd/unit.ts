import { BackstepError } from '../../fault/backstep-error.ts';
import type { Finished } from '../../host/processes.ts';
import type { ServiceSurroundings } from '../service.ts';
import { systemdCommand, type Argv, type SystemdAct, type SystemdDefinition } from './commands.ts';
import { parseShow, type UnitFacts } from './show.ts';

/** One unit and where it is asked. */
export interface UnitScope {
  readonly definition: SystemdDefinition;
  readonly surroundings: ServiceSurroundings;
}

export interface StepLimits {
  readonly signal?: AbortSignal | undefined;
  /** Default: as long as systemd's own time limits may take. */
  readonly limitMs?: number;
}

/** Throws `service/unknown` where systemd has no such unit. */
export async function requireUnit(scope: UnitScope): Promise<UnitFacts> {
  const shown = await runQuery(scope, systemdCommand(scope.definition, 'show'));
  if (shown.code !== 0) throw refused(scope, systemdCommand(scope.definition, 'show'), shown);
  const facts = parseShow(shown.stdout);
  if (facts.loadState !== 'not-found') return facts;
  const { unit, scope: level } = scope.definition;
  throw new BackstepError('service/unknown', {
    message: `service.unit: systemd has no ${level} unit ${unit}`,
    hint: `correct \`service.unit\`, or set \`service.scope: ${level === 'user' ? 'system' : 'user'}\``,
  });
}

/** Runs one act. `late`: the limit was over first (systemd goes on with its job). Throws `service/command`. */
export async function runStep(
  scope: UnitScope,
  act: SystemdAct,
  limits: StepLimits = {},
): Promise<'done' | 'late'> {
  return runArgv(scope, systemdCommand(scope.definition, act), limits);
}

export async function runArgv(
  scope: UnitScope,
  argv: Argv,
  limits: StepLimits = {},
): Promise<'done' | 'late'> {
  const finished = await scope.surroundings.host.processes.run(
    { argv },
    {
      limitMs: limits.limitMs ?? longestMs,
      ...(limits.signal === undefined ? {} : { abort: limits.signal }),
    },
  );
  if (finished.ended === 'limit') return 'late';
  if (finished.code === 0) return 'done';
  throw refused(scope, argv, finished);
}

/** Asks without judging the exit code. */
export async function runQuery(scope: UnitScope, argv: Argv): Promise<Finished> {
  return scope.surroundings.host.processes.run({ argv }, { limitMs: queryMs });
}

function refused(scope: UnitScope, argv: Argv, finished: Finished): BackstepError {
  const said = finished.stderr.trim() || finished.stdout.trim() || 'it said nothing';
  if (finished.ended === 'aborted') {
    return new BackstepError('interrupted', {
      message: `${argv.join(' ')} was cut short`,
      hint: 'run the command again',
    });
  }
  return new BackstepError('service/command', {
    message: `${argv.join(' ')}: exit code ${finished.code ?? finished.signal}: ${said}`,
    hint: `run it by hand to see why; \`${systemdCommand(scope.definition, 'log').join(' ')}\` has what the service wrote`,
  });
}

const queryMs = 15_000;
const longestMs = 15 * 60_000;
