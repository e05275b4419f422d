import type { Argv } from '../run-command.ts';
import type { WindowsDefinition } from './definition.ts';

/**
 * What is asked of the service control manager, as data. Source: Microsoft's reference of sc.exe, taskkill and
 * wevtutil. sc.exe wants `start=` and its value as two arguments. A service that was stopped in order is not
 * started again by its recovery actions; `disabled` keeps everything else from starting it.
 */
export const windowsActs = ['show', 'settings', 'mask', 'stop', 'start', 'log'] as const;
export type WindowsAct = (typeof windowsActs)[number];

/** The one command line of an act on the service. */
export function windowsCommand({ name }: WindowsDefinition, act: WindowsAct): Argv {
  const commands: Readonly<Record<WindowsAct, Argv>> = {
    show: ['sc.exe', 'queryex', name],
    settings: ['sc.exe', 'qc', name],
    mask: ['sc.exe', 'config', name, 'start=', 'disabled'],
    stop: ['sc.exe', 'stop', name],
    start: ['sc.exe', 'start', name],
    log: [
      'wevtutil.exe',
      'query-events',
      'System',
      '/count:20',
      '/reversedirection:true',
      '/format:text',
      "/query:*[System[Provider[@Name='Service Control Manager']]]",
    ],
  };
  return commands[act];
}

/** Gives the service back the way of starting that it had: `auto`, `delayed-auto`, `demand`, `disabled`. */
export function unmaskCommand({ name }: WindowsDefinition, startType: string): Argv {
  return ['sc.exe', 'config', name, 'start=', startType];
}

/** Ends a process and all that it started. */
export function killCommand(pid: number): Argv {
  return ['taskkill.exe', '/PID', String(pid), '/T', '/F'];
}
