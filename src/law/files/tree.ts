import { BackstepError } from '../../fault/backstep-error.ts';

/** One name in a tree; callers' entries may hold more (owner, times), which comes back untouched. */
export interface TreeEntry {
  /** Relative, `/` between, no `.`, `..` or empty parts. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** For a file: any text that is equal exactly where the bytes are equal. Null for the others. */
  readonly hash: string | null;
  /** For a link: what it points to. Null for the others. */
  readonly target: string | null;
  readonly mode: number;
}

/** The entries of one state by path. */
export type Tree<E extends TreeEntry> = ReadonlyMap<string, E>;

/** Throws BackstepError `tree/entry` for a path that leads out of the tree, or one that is listed twice. */
export function treeOf<E extends TreeEntry>(entries: readonly E[], which: string): Tree<E> {
  const tree = new Map<string, E>();
  for (const entry of entries) {
    const what = isPlainPath(entry.path)
      ? tree.has(entry.path) && 'stands twice'
      : 'is no path within the tree';
    if (what !== false) throw refusal(`${which}: ${JSON.stringify(entry.path)} ${what}`);
    tree.set(entry.path, entry);
  }
  return tree;
}

/** Equal in what a reader of the name gets: kind, bytes, where a link leads. */
export function hasSameContent(one: TreeEntry, other: TreeEntry): boolean {
  return one.kind === other.kind && one.hash === other.hash && one.target === other.target;
}

export function isUnchanged(one: TreeEntry | undefined, other: TreeEntry | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.path === other.path && one.mode === other.mode && hasSameContent(one, other);
}

/** `a`, `a/b` for `a/b/c`: the folders around a name, outermost first. */
export function foldersAround(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join('/'));
}

/** One name for all that a file system which ignores case and composition takes for one. */
export function foldedPath(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function isPlainPath(path: string): boolean {
  const parts = path.split('/');
  return !path.includes('\0') && parts.every((part) => !['', '.', '..'].includes(part));
}

function refusal(message: string): BackstepError {
  return new BackstepError('tree/entry', {
    message,
    hint: 'capture the folder again; a listing that is true names every path once, within the folder',
  });
}
