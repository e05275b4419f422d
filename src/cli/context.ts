import type { Host } from '../host/host.ts';
import type { System } from '../manifest/system.ts';
import type { Output, Streams } from './output.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What every command is given. */
export interface Surroundings {
  readonly host: Host;
  readonly system: System;
  readonly streams: Streams;
  /** The folder that the command was called in, absolute. */
  readonly cwd: string;
  /** The Node that runs Backstep. */
  readonly node: string;
  /** Null where nobody is there who could be asked. */
  readonly terminal: Terminal | null;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
}

/** The flags that every command takes. */
export interface CommonFlags {
  readonly manifest?: string;
  readonly json?: boolean;
  /** How long to wait for whoever holds the lock; 0 does not wait. */
  readonly lockWaitMs?: number;
}

/** One call of one command. */
export interface Call extends Surroundings {
  readonly output: Output;
  readonly flags: CommonFlags;
}
