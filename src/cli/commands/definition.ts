import type { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Call } from '../context.ts';

export interface OptionHelp {
  readonly text: string;
  /** May be given more than once; yields a list. */
  readonly isRepeated?: boolean;
}

/** What the list of all commands says of one; the rest is loaded when it is called, or its help is. */
export interface CommandEntry {
  /** Words after `backstep`: `rollback`, `release add`. */
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandDefinition>;
}

/** One command: its flags, and what it does. */
export interface CommandDefinition {
  readonly example: string;
  /** `<name>` or `[name]` → help, in order. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** As commander writes them (`--to <version>`) → help. */
  readonly options?: Readonly<Record<string, OptionHelp>>;
  /** Takes the lock: `--lock-wait` is among its options, and `alone` heeds it. */
  readonly takesLock?: true;
  /** Only reads, so that a signal may end it at any instant; others are told by `call.signal`. */
  readonly readsOnly?: true;
  /** Returns the exit code. */
  run(call: Call, given: Given): Promise<number>;
}

/** What was written on the command line, as commander found it. */
export interface Given {
  readonly args: readonly unknown[];
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Reads flags or arguments by a schema. Throws `usage` with the first that is wrong. */
export function parseGiven<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): z.output<Schema> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const [name, ...within] = issue?.path ?? [];
  const where = [
    typeof name === 'string' ? flagOf(name) : `argument ${Number(name) + 1}`,
    ...within,
  ];
  throw new BackstepError('usage', {
    message: `${where.join('.')}: ${issue?.message ?? 'is wrong'}`,
    hint: 'see the command with --help',
  });
}

/** `asOf` → `--as-of`. */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What every command takes, beside its own. */
export const commonOptions: Readonly<Record<string, OptionHelp>> = {
  '--manifest <file>': { text: 'the manifest (default: backstep.yaml here or above)' },
  '--json': { text: 'one JSON document on stdout, events on stderr' },
};

const lockOptions: Readonly<Record<string, OptionHelp>> = {
  '--lock-wait <duration>': {
    text: 'wait so long for another run to end, for instance 30s (default: not at all)',
  },
};

/** Every option of a command, in the order of its help. */
export function optionsOf(definition: CommandDefinition): Readonly<Record<string, OptionHelp>> {
  const own = definition.options ?? {};
  return { ...commonOptions, ...(definition.takesLock === true ? lockOptions : {}), ...own };
}
