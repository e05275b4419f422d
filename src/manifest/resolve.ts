import { fillIn, placeholderTrouble, placeholdersOf } from './placeholder.ts';
import { pathsOf, type System } from './system.ts';

/** What paths are resolved against. */
export interface Ground {
  readonly system: System;
  /** The manifest's folder, absolute. */
  readonly folder: string;
  /** Names that may be used, those included whose own value is wrong. */
  readonly known: readonly string[];
  /** Names with their absolute folders. */
  readonly values: Readonly<Record<string, string>>;
}

/** A path, or why it is none, or null where a value that it needs was refused elsewhere. */
export type Resolved = string | { readonly message: string; readonly hint: string } | null;

/** Fills in the placeholders; relative paths begin in the manifest's folder. */
export function resolvePath(written: string, ground: Ground): Resolved {
  const trouble = placeholderTrouble(written, ground.known);
  if (trouble !== null) return trouble;
  if (placeholdersOf(written).some((name) => ground.values[name] === undefined)) return null;
  const rules = pathsOf(ground.system.platform);
  const filled = fillIn(written, ground.values);
  const absolute = rules.isAbsolute(filled)
    ? rules.normalize(filled)
    : rules.join(ground.folder, filled);
  const folder =
    absolute.length > 1 && absolute.endsWith(rules.sep) ? absolute.slice(0, -1) : absolute;
  if (rules.parse(absolute).root !== absolute) return folder;
  return { message: `\`${written}\` is the whole disk`, hint: 'name a folder of the application' };
}

/** `paths:` resolved; a path may stand on others. Those that cannot be resolved are in `troubles`. */
export function resolvePaths(
  written: Readonly<Record<string, string>>,
  base: Omit<Ground, 'known' | 'values'>,
): { values: Record<string, string>; troubles: Record<string, { message: string; hint: string }> } {
  const known = Object.keys(written);
  const values: Record<string, string> = {};
  const troubles: Record<string, { message: string; hint: string }> = {};
  // Each round settles at least one name, so as many rounds as names are enough.
  for (const _round of known) {
    for (const [name, text] of Object.entries(written)) {
      const resolved = resolvePath(text, { ...base, known, values });
      if (typeof resolved === 'string') values[name] = resolved;
      else if (resolved !== null) troubles[name] = resolved;
    }
  }
  for (const name of known.filter((each) => !(each in values) && !(each in troubles))) {
    const around = placeholdersOf(written[name] ?? '').map((each) => `{${each}}`);
    troubles[name] = {
      message: `stands on ${around.join(' ')}, which never comes to an end`,
      hint: 'write one of them without the other',
    };
  }
  return { values, troubles };
}
