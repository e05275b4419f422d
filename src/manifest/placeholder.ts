import { BackstepError } from '../fault/backstep-error.ts';
import { nearest } from '../form/nearest.ts';
import type { Command } from '../form/command.ts';

/** `{name}` stands for a value, `{{` and `}}` for the braces themselves. */
const piece = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** Names that mean the same in every manifest and so may not be names of `paths:`. */
export const reservedPlaceholders = ['node', 'release', 'port', 'file'] as const;

/** What stands for each placeholder; a staged tree has its own values for the same commands. */
export type PlaceholderValues = Readonly<Record<string, string>>;

/** The names used in a text, in order, each once. */
export function placeholdersOf(text: string): string[] {
  const names = [...text.matchAll(piece)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  return [...new Set(names)];
}

/** A brace that is neither part of a placeholder nor doubled; null where there is none. */
export function strayBrace(text: string): string | null {
  return [...text.matchAll(piece)].find(([whole]) => whole === '{' || whole === '}')?.[0] ?? null;
}

/** Why a text may not use these placeholders; null where all is well. */
export function placeholderTrouble(
  text: string,
  known: readonly string[],
): { message: string; hint: string } | null {
  const stray = strayBrace(text);
  if (stray !== null) {
    return {
      message: `a single \`${stray}\``,
      hint: `write \`${stray}${stray}\` for the brace itself`,
    };
  }
  const unknown = placeholdersOf(text).find((name) => !known.includes(name));
  if (unknown === undefined) return null;
  const near = nearest(unknown, known);
  const list = known.map((name) => `{${name}}`).join(' ') || 'none';
  const hint =
    near === null ? `possible here: ${list}` : `did you mean \`{${near}}\`? Possible here: ${list}`;
  return { message: `unknown placeholder \`{${unknown}}\``, hint };
}

/**
 * Fills in every placeholder.
 * Throws `manifest/placeholder` for a name without a value (a port where none was chosen, say).
 */
export function fillIn(text: string, values: PlaceholderValues): string {
  return text.replaceAll(piece, (whole: string, name: string | undefined) => {
    if (whole === '{{' || whole === '}}') return whole.slice(1);
    const value = name !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return value;
    throw new BackstepError('manifest/placeholder', {
      message: `\`${text}\`: nothing stands for \`${whole}\``,
      hint: `values are known for: ${Object.keys(values).join(', ')}`,
    });
  });
}

/** The program and its arguments, ready to run; a value with spaces stays one argument. */
export function fillInCommand(
  { argv }: Command,
  values: PlaceholderValues,
): readonly [program: string, ...args: string[]] {
  const [program, ...args] = argv;
  return [fillIn(program, values), ...args.map((argument) => fillIn(argument, values))];
}
