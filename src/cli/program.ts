import { Command, CommanderError } from 'commander';
import type { CommonFlags, Surroundings } from './context.ts';
import { openOutput } from './output.ts';
import { commands } from './commands/commands.ts';
import type { CommandDefinition } from './commands/definition.ts';
import { version } from './version.ts';

/** Runs one command line and returns its exit code. */
export async function runProgram(
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  let exitCode = 0;
  const program = new Command('backstep')
    .description('Reverts an upgrade without reverting the work done since.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(see backstep --help)')
    .configureOutput({
      writeOut: (text) => surroundings.streams.stdout.write(text),
      writeErr: (text) => surroundings.streams.stderr.write(text),
    });
  for (const definition of commands) {
    add(program, definition, async (args, flags) => {
      exitCode = await runCommand(definition, surroundings, { args, flags });
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

type Action = (args: readonly unknown[], flags: Record<string, unknown>) => Promise<void>;

function add(parent: Command, definition: CommandDefinition, action: Action): void {
  const [name = '', ...path] = definition.name.split(' ').toReversed();
  let group = parent;
  for (const part of path.toReversed()) {
    group = group.commands.find((each) => each.name() === part) ?? group.command(part);
  }
  const command = group
    .command(name)
    .description(definition.summary)
    .addHelpText('after', `\nExample:\n  ${definition.example}`)
    .option('--manifest <file>', 'the manifest (default: backstep.yaml here or above)')
    .option('--json', 'one JSON document on stdout, events on stderr');
  if (definition.arguments !== undefined) {
    for (const [argument, help] of Object.entries(definition.arguments))
      command.argument(argument, help);
  }
  for (const [option, help] of Object.entries(definition.options ?? {})) {
    if (help.isRepeated === true) {
      command.option(option, help.text, (value: string, all: string[]) => [...all, value], []);
    } else command.option(option, help.text);
  }
  command.action(async (...given: unknown[]) => {
    const count = Object.keys(definition.arguments ?? {}).length;
    await action(given.slice(0, count), command.opts());
  });
}

async function runCommand(
  definition: CommandDefinition,
  surroundings: Surroundings,
  given: { readonly args: readonly unknown[]; readonly flags: Record<string, unknown> },
): Promise<number> {
  const flags = commonFlags(given.flags);
  const output = openOutput(surroundings.streams, flags.json === true);
  try {
    return await definition.run({ ...surroundings, output, flags }, given);
  } catch (error) {
    return output.error(error);
  }
}

function commonFlags(flags: Record<string, unknown>): CommonFlags {
  return {
    ...(typeof flags['manifest'] === 'string' ? { manifest: flags['manifest'] } : {}),
    ...(flags['json'] === true ? { json: true } : {}),
  };
}
