import type { Argv } from '../run-command.ts';
import type { SystemdDefinition } from './definition.ts';

/**
 * What is asked of systemd, as data: exact argument arrays, nothing is run here.
 * Source: systemctl(1), journalctl(1). `--` ends the options, so that no unit name is read as one;
 * `--no-ask-password` keeps a run without a person at it from waiting for one.
 */

export const systemdActs = [
  'start',
  'stop',
  'kill',
  'mask',
  'unmask',
  'reload',
  'reset-failed',
  'is-active',
  'show',
  'log',
] as const;
export type SystemdAct = (typeof systemdActs)[number];

/** The properties that `show` asks for; `parseShow` reads them back. */
export const shownProperties = [
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'FragmentPath',
  'MainPID',
  'ControlGroup',
  'Result',
  'ExecMainStatus',
  'NRestarts',
  'TriggeredBy',
] as const;

const logLineCount = 20;

/** The one command line of an act on the unit. */
export function systemdCommand(definition: SystemdDefinition, act: SystemdAct): Argv {
  const systemctl = systemctlOf(definition);
  const { unit } = definition;
  const commands: Readonly<Record<SystemdAct, Argv>> = {
    start: [...systemctl, 'start', '--', unit],
    stop: [...systemctl, 'stop', '--', unit],
    kill: [...systemctl, 'kill', '--signal=SIGKILL', '--', unit],
    mask: [...systemctl, 'mask', '--runtime', '--', unit],
    unmask: [...systemctl, 'unmask', '--runtime', '--', unit],
    reload: [...systemctl, 'daemon-reload'],
    'reset-failed': [...systemctl, 'reset-failed', '--', unit],
    'is-active': [...systemctl, 'is-active', '--quiet', '--', unit],
    show: [...systemctl, 'show', `--property=${shownProperties.join(',')}`, '--', unit],
    log: journal(definition),
  };
  return commands[act];
}

/** Starts or stops the sockets, timers and paths that would start the unit by themselves. */
export function triggerCommand(
  definition: SystemdDefinition,
  act: 'start' | 'stop',
  triggers: readonly string[],
): Argv {
  return [...systemctlOf(definition), act, '--', ...triggers];
}

/** Prints the state of each trigger on a line of its own, in the given order. */
export function triggerStateCommand(
  definition: SystemdDefinition,
  triggers: readonly string[],
): Argv {
  return [...systemctlOf(definition), 'is-active', '--', ...triggers];
}

function systemctlOf(definition: SystemdDefinition): Argv {
  const base: Argv = ['systemctl', '--no-pager', '--no-ask-password'];
  return definition.scope === 'user' ? [...base, '--user'] : base;
}

function journal(definition: SystemdDefinition): Argv {
  const unitOption = definition.scope === 'user' ? '--user-unit' : '--unit';
  return [
    'journalctl',
    '--no-pager',
    '--output=cat',
    `--lines=${logLineCount}`,
    `${unitOption}=${definition.unit}`,
  ];
}
