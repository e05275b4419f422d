import type { FileStat } from './disk.ts';

/**
 * Other programs. Commands are argument arrays and never pass through a shell. Linux only for what /proc
 * tells; elsewhere those methods throw BackstepError `process/unsupported`.
 */
export interface Processes {
  /** This process. */
  self(): ProcessIdentity;
  /** Who has this pid now; null if nobody has. */
  identify(pid: number): ProcessIdentity | null;
  /** False once the process has ended (a zombie has), even if its pid was given out again. */
  isAlive(identity: ProcessIdentity): boolean;
  /** Every process that this one can see; zombies and threads of the kernel are left out. See `treeOf`. */
  list(): readonly ProcessEntry[];

  /** Starts a program; resolves once it runs. Throws `process/missing`, `process/refused`, `process/failed`. */
  spawn(command: Command, options: SpawnOptions): Promise<Child>;
  /** Runs a program to its end and collects what it says. Throws as `spawn` does; not for its exit code. */
  run(command: Command, limits: RunLimits): Promise<Finished>;

  /** Signals one process; false if it is gone. */
  signal(identity: ProcessIdentity, signal: NodeJS.Signals): boolean;
  /** Signals the process group that the pid leads; false if the group has no members left, zombies included. */
  signalGroup(leaderPid: number, signal: NodeJS.Signals): boolean;

  /** Every file that a process in sight holds open, or has mapped, at this moment. */
  openFiles(): OpenFiles;
}

/** Names one process for ever: a pid alone is given out again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot. */
  readonly startTicks: number;
  readonly bootId: string;
  /** Pids mean something only within one namespace. Empty where the platform has none. */
  readonly pidNamespace: string;
  /** The machine's own identifier; empty where it has none. */
  readonly machineId: string;
}

export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  readonly startTicks: number;
  /** Name of the program, 15 bytes at most. */
  readonly name: string;
}

export interface Command {
  /** Program and arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The whole environment; this process's own where it is left out. */
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface SpawnOptions {
  /** A session of its own: it outlives this process, and its group can be signalled as one. */
  readonly detached: boolean;
  /** Where both output streams go. A file is appended to, and made with mode 0600. */
  readonly output: 'inherit' | 'ignore' | { readonly appendTo: string };
}

export interface Child {
  readonly identity: ProcessIdentity;
  readonly exited: Promise<Exit>;
  /** This process may end without waiting for the child. */
  release(): void;
}

/** One of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunLimits {
  readonly limitMs: number;
  readonly abort?: AbortSignal;
  /** What stands on its standard input. */
  readonly input?: Uint8Array;
  /** Each stream is kept up to this size (default 1 MiB); the rest is read and dropped. */
  readonly outputBytes?: number;
  /** Between SIGTERM and SIGKILL to its whole group, once the limit is over. Default 2,000. */
  readonly graceMs?: number;
}

export interface Finished extends Exit {
  readonly ended: 'by-itself' | 'limit' | 'aborted';
  readonly stdout: string;
  readonly stderr: string;
}

export interface Holder {
  readonly pid: number;
  readonly name: string;
  readonly path: string;
}

export interface OpenFiles {
  /** Whoever holds the file, by whichever of its names it was opened; this process among them. */
  holdersOf(file: Pick<FileStat, 'device' | 'inode'>): readonly Omit<Holder, 'path'>[];
  /** False if some processes could not be looked into (another user's, without root). */
  readonly isComplete: boolean;
}

/** The process and everything that descends from it or stands in its session, itself first. */
export function treeOf(entries: readonly ProcessEntry[], rootPid: number): readonly ProcessEntry[] {
  const found = new Map<number, ProcessEntry>();
  const root = entries.find((entry) => entry.pid === rootPid);
  if (root) found.set(rootPid, root);
  for (;;) {
    const more = entries.filter(
      (entry) =>
        !found.has(entry.pid) && (found.has(entry.parentPid) || entry.sessionId === rootPid),
    );
    if (more.length === 0) return [...found.values()];
    for (const entry of more) found.set(entry.pid, entry);
  }
}
