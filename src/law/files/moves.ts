import { foldersAround, type Tree, type TreeEntry } from './tree.ts';

/** Path in the first tree → path in the second. */
export type Moves = ReadonlyMap<string, string>;

/** SHA-256 of no bytes. Empty files are alike without being the same file. */
const emptyHashes: ReadonlySet<string> = new Set([
  '',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
]);

/**
 * Files that stand under one name in `from` only and under another in `to` only, with one hash. Where
 * several share a hash, those that kept their base name are paired; what stays ambiguous is not a move.
 */
export function movesBetween(from: Tree<TreeEntry>, to: Tree<TreeEntry>): Moves {
  const gone = byHash(from, to);
  const come = byHash(to, from);
  const moves = new Map<string, string>();
  for (const [hash, paths] of gone) {
    const targets = come.get(hash) ?? [];
    for (const path of paths) {
      const target = partnerOf(path, paths, targets);
      if (target !== undefined) moves.set(path, target);
    }
  }
  return moves;
}

function byHash(tree: Tree<TreeEntry>, other: Tree<TreeEntry>): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const { path, kind, hash } of tree.values()) {
    if (kind !== 'file' || hash === null || emptyHashes.has(hash) || other.has(path)) continue;
    paths.set(hash, [...(paths.get(hash) ?? []), path]);
  }
  return paths;
}

function partnerOf(path: string, alike: string[], targets: string[]): string | undefined {
  if (alike.length === 1 && targets.length === 1) return targets[0];
  const isNamesake = (other: string): boolean => baseName(other) === baseName(path);
  const named = targets.filter(isNamesake);
  return alike.filter(isNamesake).length === 1 && named.length === 1 ? named[0] : undefined;
}

export interface FolderMove {
  readonly old: string;
  readonly renewed: string;
}

/**
 * Folders that were renamed as a whole: every file that left `old` went to one `renewed`, keeping its
 * name within, and nothing is left behind. What users add in `renewed` belongs into `old`.
 */
export function folderMoves(
  moves: Moves,
  old: Tree<TreeEntry>,
  renewed: Tree<TreeEntry>,
): FolderMove[] {
  const targets = new Map<string, Set<string>>();
  const sources = new Map<string, Set<string>>();
  for (const [path, target] of moves) {
    const [from, to] = differingFolders(path, target);
    targets.set(from, (targets.get(from) ?? new Set()).add(to));
    sources.set(to, (sources.get(to) ?? new Set()).add(from));
  }
  const oldFolders = foldersOf(old);
  const renewedFolders = foldersOf(renewed);
  return [...targets].flatMap(([from, tos]) => {
    const [to] = tos;
    if (to === undefined || from === '' || to === '') return [];
    const isWhole = tos.size === 1 && sources.get(to)?.size === 1;
    const isGone = !renewedFolders.has(from) && !oldFolders.has(to);
    return isWhole && isGone ? [{ old: from, renewed: to }] : [];
  });
}

/** Every folder that has a name in it, or is listed itself. */
function foldersOf(tree: Tree<TreeEntry>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const entry of tree.values()) {
    for (const folder of foldersAround(entry.path)) folders.add(folder);
    if (entry.kind === 'folder') folders.add(entry.path);
  }
  return folders;
}

/** The name that a path in a renamed folder has in the old tree. */
export function pathBefore(path: string, folders: readonly FolderMove[]): string {
  const inside = folders.filter(
    ({ renewed }) => path.startsWith(`${renewed}/`) || path === renewed,
  );
  const [closest] = inside.sort((one, other) => other.renewed.length - one.renewed.length);
  return closest === undefined ? path : closest.old + path.slice(closest.renewed.length);
}

/** What is left of both paths without the parts that they share at their end. */
function differingFolders(path: string, target: string): [string, string] {
  const [from, to] = [path.split('/'), target.split('/')];
  while (from.length > 0 && to.length > 0 && from.at(-1) === to.at(-1)) {
    from.pop();
    to.pop();
  }
  return baseName(path) === baseName(target) ? [from.join('/'), to.join('/')] : ['', ''];
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
