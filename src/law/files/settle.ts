import type { Claim, ParkedFile } from './judge.ts';
import { foldedPath, foldersAround, hasSameContent, type TreeEntry } from './tree.ts';
import type { TreeTriple } from './units.ts';

/** One name of the result: take `entry`'s bytes or link from that state, and give it `mode`. */
export interface WantedEntry<E extends TreeEntry> {
  readonly path: string;
  readonly from: 'before' | 'now';
  readonly entry: E;
  readonly mode: number;
}

export interface Settled<E extends TreeEntry> {
  /** By path, folders before what is in them. */
  readonly wanted: readonly WantedEntry<E>[];
  readonly placed: readonly Claim<E>[];
  readonly parked: readonly ParkedFile<E>[];
}

/**
 * Gives every claim its name. Where two want one name, or one is a file and the other needs a folder
 * there, the old release's own keeps it and the user's is parked. `ignoresCase`: on file systems where
 * `A` and `a` are one name.
 */
export function settle<E extends TreeEntry>(
  claims: readonly Claim<E>[],
  trees: TreeTriple<E>,
  ignoresCase: boolean,
): Settled<E> {
  const names = new Names<E>(ignoresCase ? foldedPath : (path) => path);
  const parked: ParkedFile<E>[] = [];
  const placed: Claim<E>[] = [];
  for (const claim of claims.toSorted(byRank)) {
    const taken = fallbacksOf(claim).find((choice) => names.take(choice));
    if (taken !== undefined) placed.push(taken);
    const { before, now } = claim.unit;
    const left = taken === claim ? undefined : (now ?? (taken === undefined ? before : undefined));
    if (left !== undefined) parked.push({ path: left.path, entry: left, why: 'refused' });
  }
  const wanted = [...names.all(), ...missingFolders(names, trees)];
  wanted.sort((one, other) => (one.path < other.path ? -1 : 1));
  return { wanted, placed, parked };
}

function byRank<E extends TreeEntry>(one: Claim<E>, other: Claim<E>): number {
  return one.rank - other.rank || (one.path < other.path ? -1 : 1);
}

/** What a claim takes instead where its name is not free: its old name, then its old self. */
function fallbacksOf<E extends TreeEntry>(claim: Claim<E>): Claim<E>[] {
  const { before } = claim.unit;
  if (before === undefined) return [claim];
  const { path, mode } = before;
  return [claim, { ...claim, path }, { ...claim, path, mode, entry: before, from: 'before' }];
}

/** The names that are given so far. */
class Names<E extends TreeEntry> {
  readonly #entries = new Map<string, WantedEntry<E>>();
  /** Names that must be folders, because something stands in them. */
  readonly #folders = new Set<string>();
  readonly keyOf: (path: string) => string;

  constructor(keyOf: (path: string) => string) {
    this.keyOf = keyOf;
  }

  all(): WantedEntry<E>[] {
    return [...this.#entries.values()];
  }

  has(path: string): boolean {
    return this.#entries.has(this.keyOf(path));
  }

  /** True where the claim has the name now, or what stands there is the same anyway. */
  take({ path, from, entry, mode }: Claim<E>): boolean {
    const key = this.keyOf(path);
    const there = this.#entries.get(key);
    if (there !== undefined) return hasSameContent(there.entry, entry);
    const around = foldersAround(key);
    const isUnderFile = around.some((folder) => {
      const above = this.#entries.get(folder);
      return above !== undefined && above.entry.kind !== 'folder';
    });
    if (isUnderFile || (entry.kind !== 'folder' && this.#folders.has(key))) return false;
    this.#entries.set(key, { path, from, entry, mode });
    for (const folder of around) this.#folders.add(folder);
    return true;
  }
}

/** The folders around wanted names, from the first state that has them. */
function missingFolders<E extends TreeEntry>(
  names: Names<E>,
  { before, after, now }: TreeTriple<E>,
): WantedEntry<E>[] {
  const around = names.all().flatMap(({ path }) => foldersAround(path));
  const each = new Map(around.map((path) => [names.keyOf(path), path]));
  return [...each.values()].flatMap((path) => {
    if (names.has(path)) return [];
    const old = folderAt(before, path);
    const entry = old ?? folderAt(now, path) ?? folderAt(after, path);
    if (entry === undefined) return [];
    return [{ path, from: old === undefined ? 'now' : 'before', entry, mode: entry.mode } as const];
  });
}

function folderAt<E extends TreeEntry>(tree: TreeTriple<E>['now'], path: string): E | undefined {
  const entry = tree.get(path);
  return entry?.kind === 'folder' ? entry : undefined;
}
