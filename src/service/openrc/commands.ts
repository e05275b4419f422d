import type { Argv } from '../run-command.ts';
import type { OpenrcDefinition } from './definition.ts';

/**
 * What is asked of OpenRC, as data. Source: rc-service(8), rc-update(8), openrc-run(8). `zap` makes OpenRC
 * forget a service that it counts as started although its process is gone; `refresh` has it read its settings anew.
 */
export const openrcActs = ['exists', 'show', 'stop', 'zap', 'start', 'refresh'] as const;
export type OpenrcAct = (typeof openrcActs)[number];

/** The one command line of an act on the service. */
export function openrcCommand({ name }: OpenrcDefinition, act: OpenrcAct): Argv {
  const commands: Readonly<Record<OpenrcAct, Argv>> = {
    exists: ['rc-service', '--exists', name],
    show: ['rc-service', '--nocolor', name, 'status'],
    stop: ['rc-service', '--nocolor', name, 'stop'],
    zap: ['rc-service', '--nocolor', name, 'zap'],
    start: ['rc-service', '--nocolor', name, 'start'],
    refresh: ['rc-update', '--update'],
  };
  return commands[act];
}

export interface HoldingBack {
  readonly path: string;
  readonly text: string;
}

/**
 * OpenRC cannot mask, and `rc-update del` keeps a service only from starting with the machine. A setting that
 * makes it need a service that does not exist refuses every start, by hand, by dependency and at boot, and
 * still lets it be stopped; it lies in a file of its own, so that nothing of the owner's is edited.
 */
export function holdingBack({ name, settings }: OpenrcDefinition): HoldingBack {
  return {
    path: `${settings}/zz-backstep-${name}.conf`,
    text: [
      '# A switch of release is under way; `backstep status` says which.',
      `rc_${name.replaceAll(/[^A-Za-z0-9]/g, '_')}_need="backstep-switch-under-way"`,
      '',
    ].join('\n'),
  };
}

export function pidFileOf({ name, pidFile }: OpenrcDefinition): string {
  return pidFile ?? `/run/${name}.pid`;
}
