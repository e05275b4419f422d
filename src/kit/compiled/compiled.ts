import type { KitFacts, KitPart } from '../part.ts';

/**
 * For each database whose reversal was compiled: `compiled/<asset>.sql`, the script; `compiled/<asset>.asks`, the oldest
 * SQLite that runs it (`3.35.0` and a newline); `compiled/<asset>.notes`, what it does not carry, a line each.
 */
export function compiledParts({ databases }: Pick<KitFacts, 'databases'>): readonly KitPart[] {
  return databases.flatMap(({ asset, compiled }) => {
    if (compiled === null) return [];
    const notes = compiled.notes.map((note) => `${oneLine(note)}\n`);
    return [
      part(`${asset}.sql`, compiled.script),
      part(`${asset}.asks`, `${compiled.asks}\n`),
      part(`${asset}.notes`, notes.join('')),
    ];
  });
}

function part(name: string, text: string): KitPart {
  return { name: `compiled/${name}`, mode: 0o600, bytes: Buffer.from(text) };
}

/** Names of tables and columns may hold line breaks. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
