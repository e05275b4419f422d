import { join } from 'node:path/posix';
import type { Argv } from '../run-command.ts';
import type { LaunchdDefinition } from './definition.ts';

/**
 * What is asked of launchd, as data. Source: launchctl(1), launchd.plist(5). `bootout` ends a job and makes
 * launchd forget it, so that `KeepAlive` does not start it again; `disable` outlasts a restart of the machine.
 */
export const launchdActs = [
  'show',
  'disabled',
  'mask',
  'unmask',
  'stop',
  'kill',
  'load',
  'start',
] as const;
export type LaunchdAct = (typeof launchdActs)[number];

/** Where a job is described. */
export interface JobPlace {
  /** Absolute. */
  readonly plist: string;
  /** `system`, or `gui/501` for the agents of user 501. */
  readonly domain: string;
}

/** The one command line of an act on the job. */
export function launchdCommand(
  { label }: LaunchdDefinition,
  { plist, domain }: JobPlace,
  act: LaunchdAct,
): Argv {
  const target = `${domain}/${label}`;
  const commands: Readonly<Record<LaunchdAct, Argv>> = {
    show: [launchctl, 'print', target],
    disabled: [launchctl, 'print-disabled', domain],
    mask: [launchctl, 'disable', target],
    unmask: [launchctl, 'enable', target],
    stop: [launchctl, 'bootout', target],
    kill: [launchctl, 'kill', 'SIGKILL', target],
    load: [launchctl, 'bootstrap', domain, plist],
    start: [launchctl, 'kickstart', target],
  };
  return commands[act];
}

/** The user's number, for the domain of an agent. */
export const whoami: Argv = ['/usr/bin/id', '-u'];

/** Every process with its parent: pid, parent's pid, command line. */
export const listProcesses: Argv = ['/bin/ps', '-axo', 'pid=,ppid=,command='];

export function plistOf({ plist, domain, label }: LaunchdDefinition, home: string): string {
  if (plist !== undefined) return plist;
  const folder =
    domain === 'system' ? '/Library/LaunchDaemons' : join(home, 'Library/LaunchAgents');
  return join(folder, `${label}.plist`);
}

const launchctl = '/bin/launchctl';
