import { BackstepError } from '../fault/backstep-error.ts';
import type { Entry } from './entry.ts';
import { unescapeField } from './escape.ts';
import { kindOf, parseEntry, requireInside, torn } from './line.ts';

/**
 * What a snapshot holds, line by line as it was written. Most of ten thousand lines are only ever compared, so a line
 * becomes an entry when somebody asks for it: `store/torn` may come then, `store/unsafe` never does.
 */
export interface Listing {
  /** In their order; every folder stands before what is in it. */
  readonly paths: readonly string[];
  /** The line of each path, as `lineOf` gives it. */
  readonly lines: readonly string[];
  /** As it stands, without its newline; null for a path that is not in it. Equal lines are equal entries. */
  lineOf(path: string): string | null;
  entryOf(path: string): Entry | null;
  /** All of them. */
  entries(): readonly Entry[];
  /** One and the same for listings that hold the same kinds at the same paths, in the same order, where that was seen. */
  readonly index: ListingIndex;
}

/** What a listing's paths are, whatever else its lines say. */
export interface ListingIndex {
  readonly paths: readonly string[];
  readonly numbers: ReadonlyMap<string, number>;
}

/** Throws `store/unsafe` where an entry stands where none can, `store/torn` for a line without a path. */
export function openListing(lines: readonly string[]): Listing {
  return listed(indexed(lines), lines);
}

/** The listing with other lines in the places of some, by their numbers; null where one `cannotStandFor` the line before it. */
export function withReplaced(
  { index, lines }: Listing,
  replaced: ReadonlyMap<number, string>,
): Listing | null {
  const renewed = [...lines];
  for (const [number, line] of replaced) {
    if (cannotStandFor(lines[number] ?? '', line)) return null;
    renewed[number] = line;
  }
  return listed(index, renewed);
}

/** True where a line is of another kind or path than the one in whose place it is, or a hard link: then all are to be looked at. */
export function cannotStandFor(old: string, line: string): boolean {
  const [start, end] = [old.indexOf('\t') + 1, old.lastIndexOf('\t')];
  const isLine = start > 0 && end >= start;
  const hasSameEnds = line.startsWith(old.slice(0, start)) && pathField(line) === old.slice(end);
  return !isLine || !hasSameEnds || kindOf(line) === 'hard-link';
}

/** With the TAB before it. */
function pathField(line: string): string {
  return line.slice(Math.max(line.lastIndexOf('\t'), 0));
}

function listed(index: ListingIndex, lines: readonly string[]): Listing {
  const { paths, numbers } = index;
  let parsed: readonly Entry[] | null = null;
  const lineOf = (path: string): string | null => lines[numbers.get(path) ?? -1] ?? null;
  return {
    index,
    paths,
    lines,
    lineOf,
    entryOf: (path) => {
      const line = lineOf(path);
      return line === null ? null : parseEntry(line);
    },
    entries: () => {
      parsed ??= lines.map(parseEntry);
      return parsed;
    },
  };
}

/** A parent is a folder that stood before; no path twice; a hard link names a file that stood before. */
function indexed(lines: readonly string[]): ListingIndex {
  const paths: string[] = [];
  const numbers = new Map<string, number>();
  const kindAt = (path: string): string => kindOf(lines[numbers.get(path) ?? -1] ?? '');
  let folder = '';
  for (const line of lines) {
    const path = pathOf(line);
    const cut = path.lastIndexOf('/');
    const parent = cut < 0 ? '' : path.slice(0, cut);
    if (parent !== folder && parent !== '' && kindAt(parent) !== 'folder') throw misplaced(path);
    folder = parent;
    if (line.startsWith('hard-link\t') && kindAt(firstOf(line)) !== 'file') throw misplaced(path);
    numbers.set(path, paths.length);
    if (paths.push(path) !== numbers.size) throw misplaced(path);
  }
  return { paths, numbers };
}

/** The last field. */
function pathOf(line: string): string {
  const cut = line.lastIndexOf('\t');
  if (cut < 0) throw torn(line, 'nine fields were expected');
  return requireInside(unescapeField(line.slice(cut + 1)));
}

function firstOf(line: string): string {
  const entry = parseEntry(line);
  return entry.kind === 'hard-link' ? entry.first : '';
}

function misplaced(path: string): BackstepError {
  return new BackstepError('store/unsafe', {
    message: `${JSON.stringify(path)} stands where a snapshot cannot have it`,
    hint: 'do not restore this snapshot; find out who altered it',
  });
}
