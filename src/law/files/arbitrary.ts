import { foldersAround, type TreeEntry } from './tree.ts';
import { fc } from '../../../test/chance.ts';

const names = ['a', 'b', 'c', 'A', 'd.txt', 'e\u0301', '\u00e9', 'x\ny', '\udc80'] as const;
const hashes = ['h1', 'h2', 'h3', 'h4', 'h5', ''] as const;

export function entryAt(path: string, content = 'h1', mode = 0o644): TreeEntry {
  return { path, kind: 'file', hash: content, target: null, mode };
}

export function folderAt(path: string): TreeEntry {
  return { path, kind: 'folder', hash: null, target: null, mode: 0o755 };
}

export function linkAt(path: string, target: string): TreeEntry {
  return { path, kind: 'link', hash: null, target, mode: 0o777 };
}

function paths(): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('/'));
}

function leaves(): fc.Arbitrary<TreeEntry> {
  return fc
    .oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(paths(), fc.constantFrom(...hashes), fc.constantFrom(0o644, 0o600)),
      },
      { weight: 1, arbitrary: fc.tuple(paths(), fc.constant(null), fc.constant(0o755)) },
    )
    .map(([path, hash, mode]) => (hash === null ? linkAt(path, 'a') : entryAt(path, hash, mode)));
}

/** A tree as a file system could hold it: every folder is listed, nothing stands in a file. */
export function consistent(entries: readonly TreeEntry[]): TreeEntry[] {
  const tree = new Map<string, TreeEntry>();
  for (const entry of entries) {
    const around = foldersAround(entry.path);
    const isUnderFile = around.some((folder) => (tree.get(folder)?.kind ?? 'folder') !== 'folder');
    const isFolder = [...tree.keys()].some((path) => path.startsWith(`${entry.path}/`));
    if (isUnderFile || isFolder) continue;
    for (const folder of around) if (!tree.has(folder)) tree.set(folder, folderAt(folder));
    tree.set(entry.path, entry);
  }
  return [...tree.values()];
}

export interface TreeVersions {
  readonly before: TreeEntry[];
  readonly after: TreeEntry[];
  readonly now: TreeEntry[];
}

export function treeVersions(): fc.Arbitrary<TreeVersions> {
  return fc.array(leaves(), { maxLength: 7 }).chain((entries) => {
    const before = consistent(entries);
    return editedTree(before, 4).chain((after) =>
      editedTree(after, 4).map((now) => ({ before, after, now })),
    );
  });
}

/** The tree after up to `count` edits: files added, changed, moved, deleted, folders renamed. */
export function editedTree(tree: readonly TreeEntry[], count: number): fc.Arbitrary<TreeEntry[]> {
  const edit = fc.record({
    what: fc.constantFrom('put', 'change', 'move', 'delete', 'mode', 'rename' as const),
    at: fc.nat(),
    entry: leaves(),
  });
  return fc.array(edit, { maxLength: count }).map((edits) => edits.reduce(withEdit, [...tree]));
}

interface TreeEdit {
  readonly what: 'put' | 'change' | 'move' | 'delete' | 'mode' | 'rename';
  readonly at: number;
  readonly entry: TreeEntry;
}

function withEdit(tree: TreeEntry[], { what, at, entry }: TreeEdit): TreeEntry[] {
  const chosen = tree[at % Math.max(tree.length, 1)];
  if (what === 'put' || chosen === undefined) {
    return consistent([...tree.filter((each) => each.path !== entry.path), entry]);
  }
  if (what === 'rename' || what === 'delete')
    return renamed(tree, chosen.path, what === 'rename' ? entry.path : null);
  if (chosen.kind !== 'file') return tree;
  const rest = tree.filter((each) => each !== chosen);
  if (what === 'change') return consistent([...rest, { ...chosen, hash: entry.hash ?? 'h9' }]);
  if (what === 'mode') return consistent([...rest, { ...chosen, mode: entry.mode }]);
  return consistent([
    ...rest.filter((each) => each.path !== entry.path),
    { ...chosen, path: entry.path },
  ]);
}

function renamed(tree: TreeEntry[], from: string, to: string | null): TreeEntry[] {
  const isInside = ({ path }: TreeEntry): boolean => path === from || path.startsWith(`${from}/`);
  const moved = to === null ? [] : tree.filter(isInside);
  const rest = tree.filter((each) => !isInside(each) && each.path !== to);
  return consistent([
    ...rest,
    ...moved.map((each) => ({ ...each, path: (to ?? '') + each.path.slice(from.length) })),
  ]);
}
