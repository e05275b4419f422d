import { Command, CommanderError } from 'commander';
import { BackstepError } from '../fault/backstep-error.ts';
import { compileNoSchemas } from '../form/schema.ts';
import { parseDuration } from '../form/units.ts';
import type { CommonFlags, Surroundings } from './context.ts';
import { openOutput, tellError, type Streams } from './output.ts';
import { commands, groups } from './commands/commands.ts';
import {
  optionsOf,
  type CommandDefinition,
  type CommandEntry,
  type Given,
} from './commands/definition.ts';
import { packageVersion } from '../host/node-package.ts';
import { visible } from './terminal/visible.ts';

/** What the program itself needs; what a command needs is made when one runs. */
export interface ProgramSurroundings {
  readonly streams: Streams;
  /** `heedsSignals`: a signal is told to the command, which ends by itself; else it ends the process. */
  open(options: { readonly heedsSignals: boolean }): Promise<Surroundings>;
}

/** Runs one command line and returns its exit code. */
export async function runProgram(
  argv: readonly string[],
  surroundings: ProgramSurroundings,
): Promise<number> {
  compileNoSchemas();
  let exitCode = 0;
  let complaint = '';
  const { streams } = surroundings;
  const isJson = argv.includes('--json');
  const program = new Command('backstep')
    .description('Reverts an upgrade without reverting the work done since.')
    .version(packageVersion())
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(see backstep --help)')
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => (complaint += text),
    });
  const entries = new Map<Command, CommandEntry>();
  const fillIn = async (_parent: Command, command: Command): Promise<void> => {
    const entry = entries.get(command);
    if (entry === undefined) return;
    const definition = await entry.load();
    describe(command, definition, async (given) => {
      const heedsSignals = definition.readsOnly !== true;
      exitCode = await runCommand(definition, await surroundings.open({ heedsSignals }), given);
    });
  };
  program.hook('preSubcommand', fillIn);
  for (const entry of commands) entries.set(add(program, entry, fillIn), entry);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return tellError(streams, isJson, error);
    if (error.exitCode === 0) return 0;
    if (isJson) return tellError(streams, isJson, misused(error));
    streams.stderr.write(visible(complaint));
    return 2;
  }
}

function misused({ message }: CommanderError): BackstepError {
  const [first = '', ...more] = message.replace(/^error: /, '').split('\n');
  const hint = more.join(' ').replace(/^\((.*)\)$/, '$1');
  return new BackstepError('usage', {
    message: first,
    hint: hint === '' ? 'see the command with --help' : hint,
  });
}

type Hook = (parent: Command, command: Command) => Promise<void>;

/** A command by its name alone, below the commands that its first words name. */
function add(program: Command, { name, summary }: CommandEntry, fillIn: Hook): Command {
  const path = name.split(' ');
  const last = path.pop() ?? '';
  let group = program;
  for (const part of path) {
    const known = group.commands.find((each) => each.name() === part);
    group = known ?? named(group, part, fillIn).description(groups[part] ?? '');
  }
  return named(group, last, fillIn).description(summary);
}

/** Options stand after the command that they belong to: `snapshot check --json`. */
function named(group: Command, name: string, fillIn: Hook): Command {
  return group.command(name).enablePositionalOptions().hook('preSubcommand', fillIn);
}

/** What the command takes, once it is the one that is called. */
function describe(
  command: Command,
  definition: CommandDefinition,
  action: (given: Given) => Promise<void>,
): void {
  command.addHelpText('after', `\nExample:\n  ${definition.example}`);
  for (const [argument, help] of Object.entries(definition.arguments ?? {})) {
    command.argument(argument, help);
  }
  for (const [option, help] of Object.entries(optionsOf(definition))) {
    if (help.isRepeated === true) {
      command.option(option, help.text, (value: string, all?: string[]) => [...(all ?? []), value]);
    } else command.option(option, help.text);
  }
  command.action(async (...given: unknown[]) => {
    const count = Object.keys(definition.arguments ?? {}).length;
    await action({ args: given.slice(0, count), flags: command.opts() });
  });
}

async function runCommand(
  definition: CommandDefinition,
  surroundings: Surroundings,
  given: Given,
): Promise<number> {
  const { streams, host } = surroundings;
  const now = (): string => new Date(host.clock.now()).toISOString();
  const output = openOutput(streams, {
    isJson: given.flags['json'] === true,
    now,
    monotonicMs: () => host.clock.monotonicMs(),
  });
  try {
    const flags = commonFlags(given.flags);
    return await definition.run({ ...surroundings, output, flags }, given);
  } catch (error) {
    return output.error(error);
  }
}

function commonFlags(flags: Given['flags']): CommonFlags {
  return {
    ...(typeof flags['manifest'] === 'string' ? { manifest: flags['manifest'] } : {}),
    ...(flags['json'] === true ? { json: true } : {}),
    ...(typeof flags['lockWait'] === 'string' ? { lockWaitMs: waitOf(flags['lockWait']) } : {}),
  };
}

function waitOf(written: string): number {
  const ms = parseDuration(written);
  if (ms !== null) return ms;
  throw new BackstepError('usage', {
    message: `--lock-wait ${written}: no duration`,
    hint: 'give it with its unit, for instance 30s or 5m',
  });
}
