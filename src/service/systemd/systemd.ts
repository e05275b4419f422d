import { join } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { ProcessEntry } from '../../host/processes.ts';
import { listed, shown } from '../process-table.ts';
import type { Service, ServiceKind, ServiceStatus, ServiceSurroundings } from '../service.ts';
import { systemdActs, systemdCommand } from './commands.ts';
import { pidsOfControlGroup } from './control-group.ts';
import { systemdSchema, type SystemdDefinition } from './definition.ts';
import { hasDropIn, maskUnit, unmaskUnit } from './masking.ts';
import type { UnitFacts } from './show.ts';
import { startTriggers, stopTriggers } from './triggers.ts';
import { act, ask, requireUnit, type UnitScope } from './unit.ts';

/** A unit of systemd, of the system or of a user. */
export const systemdKind: ServiceKind<SystemdDefinition> = {
  schema: systemdSchema,
  files: ({ unit, scope }, { home, env }) =>
    scope === 'system'
      ? [join('/etc/systemd/system', unit)]
      : [join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'systemd', 'user', unit)],
  commands: (definition) =>
    systemdActs.map((name) => ({ act: name, argv: systemdCommand(definition, name) })),
  open: (definition, surroundings) => openUnit({ definition, surroundings }),
};

function openUnit(scope: UnitScope): Service {
  const { definition, surroundings } = scope;
  return {
    canStart: true,
    status: async () => statusOf(await requireUnit(scope), hasDropIn(scope)),
    mask: () => maskUnit(scope),
    unmask: () => unmaskUnit(scope),
    stop: (signal) => stopUnit(scope, signal),
    start: async (signal) => {
      const facts = await requireUnit(scope);
      if (facts.activeState === 'failed') await act(scope, 'reset-failed', { signal });
      await startTriggers(scope, signal);
      await act(scope, 'start', { signal });
    },
    processes: async () => {
      const facts = await requireUnit(scope);
      return entriesOf(surroundings, facts.controlGroup).map((entry) =>
        shown(surroundings.host, entry),
      );
    },
    death: async () => {
      const facts = await requireUnit(scope);
      if (isAlive(facts) && facts.restartCount === 0) return null;
      return {
        exitCode: facts.result === 'signal' ? null : facts.exitStatus,
        signal: facts.result === 'signal' ? `signal ${facts.exitStatus}` : null,
        detail: detailOf(facts),
        lastLines: await journalOf(scope, shownLineCount),
      };
    },
    lastLines: (count) => journalOf(scope, count),
  };

  async function journalOf(unit: UnitScope, count: number): Promise<readonly string[]> {
    const printed = await ask(unit, systemdCommand(definition, 'log'));
    return printed.stdout
      .split('\n')
      .filter((line) => line !== '')
      .slice(-count);
  }
}

/**
 * The triggers first, as they would start the unit again; then the unit, whose whole control group must
 * end. What the unit leaves behind (`KillMode=process`), or does not end in time, is killed.
 */
async function stopUnit(scope: UnitScope, signal?: AbortSignal): Promise<void> {
  const { definition, surroundings } = scope;
  const { clock } = surroundings.host;
  const { controlGroup, triggers } = await requireUnit(scope);
  await stopTriggers(scope, triggers, signal);
  const left = () => entriesOf(surroundings, controlGroup);
  const stopped = await act(scope, 'stop', { signal, limitMs: definition.stopTimeoutMs });
  if (stopped === 'done' && left().length === 0) return;

  // It may have ended by itself meanwhile; what counts is what is left.
  await ask(scope, systemdCommand(definition, 'kill'));
  const deadlineMs = clock.monotonicMs() + killWaitMs;
  while (left().length > 0 && clock.monotonicMs() < deadlineMs) {
    await clock.sleep(lookEveryMs, signal);
  }
  await act(scope, 'stop', { signal });
  if (left().length === 0) return;
  throw new BackstepError('service/still-running', {
    message: `processes of ${definition.unit} do not end: ${listed(left().map((entry) => shown(surroundings.host, entry)))}`,
    hint: 'they hang in the kernel, most often on a disk or a network file system: look at those first',
  });
}

function entriesOf({ host }: ServiceSurroundings, controlGroup: string): readonly ProcessEntry[] {
  const pids = new Set(pidsOfControlGroup(host, controlGroup));
  return pids.size === 0 ? [] : host.processes.list().filter((entry) => pids.has(entry.pid));
}

function statusOf(facts: UnitFacts, isHeldBack: boolean): ServiceStatus {
  return {
    state: stateOf(facts),
    isMasked: isHeldBack || facts.loadState === 'masked',
    mainPid: facts.mainPid,
    restartCount: facts.restartCount,
    detail: detailOf(facts),
  };
}

function stateOf(facts: UnitFacts): ServiceStatus['state'] {
  if (facts.activeState === 'failed') return 'down';
  if (facts.subState === 'auto-restart') return 'waiting';
  return isAlive(facts) ? 'running' : 'stopped';
}

function isAlive(facts: UnitFacts): boolean {
  return ['active', 'activating', 'reloading'].includes(facts.activeState);
}

function detailOf(facts: UnitFacts): string {
  return `${facts.activeState} (${facts.subState}), result ${facts.result || 'unknown'}`;
}

const shownLineCount = 20;
const killWaitMs = 5000;
const lookEveryMs = 50;
