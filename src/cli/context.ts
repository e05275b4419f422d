import type { Host } from '../host/host.ts';
import type { System } from '../manifest/system.ts';
import type { Output, Streams } from './output.ts';

/** What every command is given. */
export interface Surroundings {
  readonly host: Host;
  readonly system: System;
  readonly streams: Streams;
  /** The folder that the command was called in, absolute. */
  readonly cwd: string;
  /** The Node that runs Backstep. */
  readonly node: string;
  readonly isTerminal: boolean;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The flags that every command takes. */
export interface CommonFlags {
  readonly manifest?: string;
  readonly json?: boolean;
}

/** One call of one command. */
export interface Call extends Surroundings {
  readonly output: Output;
  readonly flags: CommonFlags;
}
