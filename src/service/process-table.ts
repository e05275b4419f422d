import type { Host } from '../host/host.ts';
import type { ProcessEntry } from '../host/processes.ts';
import { readPseudoFile, readPseudoLink } from './pseudo-file.ts';
import type { RunningProcess } from './service.ts';

/**
 * What /proc tells of one process beyond its entry in the list. A process may end, or be another
 * user's, at any moment: then the answer is null. Source: proc(5).
 */

/** Program and arguments as they were given. */
export function argumentsOf(host: Host, pid: number): readonly string[] | null {
  const text = readPseudoFile(host, `/proc/${pid}/cmdline`);
  return text === null || text === '' ? null : text.replace(/\0$/, '').split('\0');
}

/** The environment as the process was started with it. */
export function environmentOf(host: Host, pid: number): ReadonlySet<string> | null {
  const text = readPseudoFile(host, `/proc/${pid}/environ`);
  return text === null ? null : new Set(text.split('\0'));
}

/** The program's own file; the kernel adds ` (deleted)` where it was removed since. */
export function executableOf(host: Host, pid: number): string | null {
  return readPseudoLink(host, `/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '') ?? null;
}

export function workingFolderOf(host: Host, pid: number): string | null {
  return readPseudoLink(host, `/proc/${pid}/cwd`);
}

/** How a process is named to a person. */
export function shown(host: Host, entry: Pick<ProcessEntry, 'pid' | 'name'>): RunningProcess {
  const command = argumentsOf(host, entry.pid)?.join(' ') ?? `[${entry.name}]`;
  return { pid: entry.pid, command };
}

/** `pid 12 (node server.ts), pid 13 (…)`. */
export function listed(processes: readonly RunningProcess[]): string {
  return processes.map(({ pid, command }) => `pid ${pid} (${command})`).join(', ');
}
