import { refuse, z } from './schema.ts';

/** A program and its arguments, placeholders not yet filled in; never given to a shell. */
export interface Command {
  readonly argv: readonly [program: string, ...args: string[]];
}

const commandWords = 'a command: text that is split on spaces, or a list of arguments';
const shellOperator = /^(\||\|\||&&?|;|>>?|<<?|\d>(&\d)?|\(|\))$/;
const shellExpansion = /\$[({\w]|`|^~\//;

/** `node {release}/server.ts --port {port}` or a list that is taken as it is. */
export const command = z
  .union([z.string().min(1, { error: commandWords }), z.array(z.string()).min(1)], {
    error: commandWords,
  })
  .transform((written, context): Command => {
    const isText = typeof written === 'string';
    const [program, ...args] = isText ? splitOnSpaces(written) : written;
    if (program === undefined || program === '')
      return refuse(context, 'the command names no program');
    const trouble = isText ? shellHabit([program, ...args]) : null;
    if (trouble !== null)
      return refuse(
        context,
        trouble,
        'no shell reads it: write a list of arguments, or a script file',
      );
    return { argv: [program, ...args] };
  })
  .meta({
    description: commandWords,
    examples: ['{node} {release}/server.ts migrate --data {data}'],
  });

function splitOnSpaces(written: string): string[] {
  return written.split(/\s+/).filter((word) => word !== '');
}

/** What would mean something to a shell and would reach the program as letters here. */
function shellHabit(words: readonly string[]): string | null {
  for (const word of words) {
    if (shellOperator.test(word)) return `\`${word}\` is for a shell`;
    if (/["']/.test(word)) return `the quote in \`${word}\` would reach the program as a letter`;
    if (shellExpansion.test(word)) return `\`${word}\` would not be expanded`;
  }
  return null;
}
