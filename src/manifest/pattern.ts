/**
 * Names of files below a folder: `*` stands for letters of one name, `?` for one letter, a whole `**`
 * for any number of folders. `/` divides names on every system. Nothing else is special.
 */
export type Pattern = string;

/** Why a pattern is none; null where it is one. */
export function patternTrouble(pattern: Pattern): string | null {
  if (pattern === '') return 'an empty pattern';
  if (pattern.length > 1000) return 'a pattern of more than 1,000 letters';
  if (pattern.startsWith('/') || /^[A-Za-z]:/.test(pattern))
    return 'a pattern begins below the root';
  if (pattern.includes('\\')) return 'folders are divided by `/`';
  const names = pattern.split('/');
  if (names.includes('..') || names.includes('.')) return '`.` and `..` are not followed';
  if (names.includes('')) return 'an empty name between two `/`';
  const mixed = names.find((name) => name.includes('**') && name !== '**');
  return mixed === undefined ? null : `\`**\` stands alone between \`/\`, not in \`${mixed}\``;
}

/** True if the pattern names exactly one file. */
export function isLiteral(pattern: Pattern): boolean {
  return !/[*?]/.test(pattern);
}

/** The folders in front of the first `*` or `?`, and what follows them. */
export function literalStart(pattern: Pattern): { folders: string[]; rest: string[] } {
  const names = pattern.split('/');
  const first = names.findIndex((name) => !isLiteral(name));
  const end = first === -1 ? names.length : first;
  return { folders: names.slice(0, end), rest: names.slice(end) };
}

/** True if the pattern names the file; `file` is relative, divided by `/`. */
export function matches(pattern: Pattern, file: string): boolean {
  // What most assets say, asked for each of their files.
  if (pattern === '**') return true;
  const names = file.split('/').map((name): Name => Array.from(name));
  return meet(namesOf(pattern), names, meetNames) !== null;
}

/**
 * A file that both patterns name, or null where there is none. Exact, not a guess; what was tried once
 * is not tried again, so no pattern takes long.
 */
export function commonFile(a: Pattern, b: Pattern): string | null {
  return meet(namesOf(a), namesOf(b), meetNames)?.join('/') ?? null;
}

const anyLetter = 0;
const anyLetters = 1;
const anyFolders = 2;

/** Letters as strings, wild cards as numbers. */
type Letter = string | typeof anyLetter | typeof anyLetters;
type Name = readonly Letter[] | typeof anyFolders;

/** A `**` at the end names what lies below, so a name follows it. */
function namesOf(pattern: Pattern): Name[] {
  const names = pattern
    .split('/')
    .map((name): Name => (name === '**' ? anyFolders : lettersOf(name)));
  return names.at(-1) === anyFolders ? [...names, [anyLetters]] : names;
}

function lettersOf(name: string): Letter[] {
  return Array.from(name, (letter) =>
    letter === '*' ? anyLetters : letter === '?' ? anyLetter : letter,
  );
}

/** Two names in one: the text that both describe, or null. */
function meetNames(a: Name, b: Name): string | null {
  if (a === anyFolders || b === anyFolders) return null;
  const letters = meet(a, b, meetLetters);
  return letters === null ? null : letters.join('') || 'x';
}

function meetLetters(a: Letter, b: Letter): string | null {
  if (typeof a === 'string' && typeof b === 'string') return a === b ? a : null;
  if (typeof a === 'string') return a;
  return typeof b === 'string' ? b : 'x';
}

/**
 * Walks two sequences together; `**` and `*` take any number of the other's items. Gives one sequence
 * that both describe, or null.
 */
function meet<Item>(
  a: readonly Item[],
  b: readonly Item[],
  meetItems: (a: Item, b: Item) => string | null,
): string[] | null {
  const deadEnds = new Set<number>();
  const walk = (i: number, j: number): string[] | null => {
    if (i === a.length && j === b.length) return [];
    const place = i * (b.length + 1) + j;
    if (deadEnds.has(place)) return null;
    const found = step(i, j);
    if (found === null) deadEnds.add(place);
    return found;
  };
  const step = (i: number, j: number): string[] | null => {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && isMany(left)) {
      return walk(i + 1, j) ?? (right === undefined ? null : take(right, walk(i, j + 1)));
    }
    if (right !== undefined && isMany(right)) {
      return walk(i, j + 1) ?? (left === undefined ? null : take(left, walk(i + 1, j)));
    }
    if (left === undefined || right === undefined) return null;
    const item = meetItems(left, right);
    const rest = item === null ? null : walk(i + 1, j + 1);
    return item === null || rest === null ? null : [item, ...rest];
  };
  /** One item that a wild card has swallowed, in front of what follows. */
  const take = (item: Item, rest: string[] | null): string[] | null => {
    const word = isMany(item) ? null : meetItems(item, item);
    return rest === null ? null : word === null ? rest : [word, ...rest];
  };
  return walk(0, 0);
}

function isMany(item: unknown): boolean {
  return item === anyFolders || item === anyLetters;
}
