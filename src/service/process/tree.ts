import type { Host } from '../../host/host.ts';
import type { ProcessEntry, ProcessIdentity } from '../../host/processes.ts';
import { environmentOf } from '../process-table.ts';

/**
 * The processes of a supervised application. One belongs to it if any of these holds:
 *
 * - its environment bears our marker: that survives a double fork, a session of its own and the death of
 *   every ancestor, and is there even if the supervisor was killed before it could record the child;
 * - it stands in the recorded child's session, while that child lives: a program may clear the
 *   environment that it hands on, or be one whose environment we may not read;
 * - it descends from one that belongs: the same, for those that left the session.
 *
 * What has cleared its environment *and* lost parents and session leader before anybody looked is not
 * found; if it holds an asset open, it is found by that, named, and never signalled.
 */
export function applicationTree(
  host: Host,
  root: TreeRoot,
  known: ReadonlySet<string> = new Set(),
): readonly ProcessEntry[] {
  const entries = host.processes.list();
  const marker = markerOf(root.folder);
  // A dead child's number may have been given to a stranger, and the stranger's session bears it.
  const session = root.child !== null && host.processes.isAlive(root.child) ? root.child.pid : null;
  const belongs = (entry: ProcessEntry) =>
    known.has(entryName(entry)) ||
    isOf(entry, session) ||
    (environmentOf(host, entry.pid)?.has(marker) ?? false);
  return withDescendants(entries, entries.filter(belongs));
}

export interface TreeRoot {
  /** The service's folder, which the marker names. */
  readonly folder: string;
  readonly child: ProcessIdentity | null;
}

/** Names a process of this boot: a pid alone is given out again. */
export function entryName(entry: ProcessEntry): string {
  return `${entry.pid}/${entry.startTicks}`;
}

/** One variable in the environment of the supervisor and of all that it starts. */
export const markerVariable = 'BACKSTEP_SERVICE';

export function markerOf(folder: string): string {
  return `${markerVariable}=${folder}`;
}

function isOf(entry: ProcessEntry, session: number | null): boolean {
  return session !== null && (entry.pid === session || entry.sessionId === session);
}

/** The roots and all that descend from them. */
export function withDescendants(
  entries: readonly ProcessEntry[],
  roots: readonly ProcessEntry[],
): readonly ProcessEntry[] {
  const found = new Map(roots.map((entry) => [entry.pid, entry]));
  for (;;) {
    const more = entries.filter((entry) => !found.has(entry.pid) && found.has(entry.parentPid));
    if (more.length === 0) return [...found.values()];
    for (const entry of more) found.set(entry.pid, entry);
  }
}
