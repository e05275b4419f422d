import { commands } from './commands/commands.ts';
import { optionsOf } from './commands/definition.ts';

/** One command as its definition has it, for whatever is made of all of them: man page, completion. */
export interface CommandGuide {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  /** `<name>` or `[name]` with its help, in order. */
  readonly arguments: readonly (readonly [name: string, help: string])[];
  /** As commander writes them, with their help. */
  readonly options: readonly (readonly [written: string, help: string])[];
}

/** Every command, in the order of the help. Loads them all. */
export async function guides(): Promise<CommandGuide[]> {
  return Promise.all(
    commands.map(async (entry) => {
      const { name, summary } = entry;
      const definition = await entry.load();
      const options = Object.entries(optionsOf(definition));
      return {
        name,
        summary,
        example: definition.example,
        arguments: Object.entries(definition.arguments ?? {}),
        options: options.map(([written, { text }]) => [written, text] as const),
      };
    }),
  );
}

/** `-o, --out <file>` → `--out`. */
export function longFlag(written: string): string {
  return /--[a-z-]+/.exec(written)?.[0] ?? written;
}

/** True where an option is followed by a value. */
export function takesValue(written: string): boolean {
  return written.includes('<');
}
