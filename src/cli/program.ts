import { Command, CommanderError } from 'commander';
import type { CommonFlags, Surroundings } from './context.ts';
import { openOutput, type Streams } from './output.ts';
import { commands, groups } from './commands/commands.ts';
import type { CommandDefinition, CommandEntry, Given } from './commands/definition.ts';
import { packageVersion } from '../host/node-package.ts';

/** What the program itself needs; what a command needs is made when one runs. */
export interface ProgramSurroundings {
  readonly streams: Streams;
  open(): Promise<Surroundings>;
}

/** Runs one command line and returns its exit code. */
export async function runProgram(
  argv: readonly string[],
  surroundings: ProgramSurroundings,
): Promise<number> {
  let exitCode = 0;
  const { streams } = surroundings;
  const program = new Command('backstep')
    .description('Reverts an upgrade without reverting the work done since.')
    .version(packageVersion())
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(see backstep --help)')
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
    });
  const entries = new Map<Command, CommandEntry>();
  const fillIn = async (_parent: Command, command: Command): Promise<void> => {
    const entry = entries.get(command);
    if (entry === undefined) return;
    const definition = await entry.load();
    describe(command, definition, async (given) => {
      exitCode = await runCommand(definition, await surroundings.open(), given);
    });
  };
  program.hook('preSubcommand', fillIn);
  for (const entry of commands) entries.set(add(program, entry, fillIn), entry);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
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
  command
    .addHelpText('after', `\nExample:\n  ${definition.example}`)
    .option('--manifest <file>', 'the manifest (default: backstep.yaml here or above)')
    .option('--json', 'one JSON document on stdout, events on stderr');
  for (const [argument, help] of Object.entries(definition.arguments ?? {})) {
    command.argument(argument, help);
  }
  for (const [option, help] of Object.entries(definition.options ?? {})) {
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
  const flags = commonFlags(given.flags);
  const output = openOutput(surroundings.streams, flags.json === true);
  try {
    return await definition.run({ ...surroundings, output, flags }, given);
  } catch (error) {
    return output.error(error);
  }
}

function commonFlags(flags: Given['flags']): CommonFlags {
  return {
    ...(typeof flags['manifest'] === 'string' ? { manifest: flags['manifest'] } : {}),
    ...(flags['json'] === true ? { json: true } : {}),
  };
}
