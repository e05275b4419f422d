import { BackstepError } from '../../fault/backstep-error.ts';
import type { Finished } from '../../host/processes.ts';
import { refused, runQuery, runStep, type Argv, type StepLimits } from '../run-command.ts';
import type { ServiceSurroundings } from '../service.ts';
import { systemdCommand, type SystemdAct } from './commands.ts';
import type { SystemdDefinition } from './definition.ts';
import { parseShow, type UnitFacts } from './show.ts';

/** One unit and where it is asked. */
export interface UnitScope {
  readonly definition: SystemdDefinition;
  readonly surroundings: ServiceSurroundings;
}

/** Throws `service/unknown` where systemd has no such unit. */
export async function requireUnit(scope: UnitScope): Promise<UnitFacts> {
  const show = systemdCommand(scope.definition, 'show');
  const shown = await ask(scope, show);
  if (shown.code !== 0) throw refused(show, shown, logOf(scope));
  const facts = parseShow(shown.stdout);
  if (facts.loadState !== 'not-found') return facts;
  const { unit, scope: level } = scope.definition;
  throw new BackstepError('service/unknown', {
    message: `service.unit: systemd has no ${level} unit ${unit}`,
    hint: `correct \`service.unit\`, or set \`service.scope: ${level === 'user' ? 'system' : 'user'}\``,
  });
}

/** Runs one act on the unit; see `runStep`. */
export async function act(
  scope: UnitScope,
  name: SystemdAct,
  limits: Omit<StepLimits, 'log'> = {},
): Promise<'done' | 'late'> {
  return actBy(scope, systemdCommand(scope.definition, name), limits);
}

export async function actBy(
  scope: UnitScope,
  argv: Argv,
  limits: Omit<StepLimits, 'log'> = {},
): Promise<'done' | 'late'> {
  return runStep(scope.surroundings.host, argv, { ...limits, log: logOf(scope) });
}

/** Asks without judging the exit code. */
export async function ask(scope: UnitScope, argv: Argv): Promise<Finished> {
  return runQuery(scope.surroundings.host, argv);
}

function logOf({ definition }: UnitScope): Argv {
  return systemdCommand(definition, 'log');
}
