import { entryAt, folderAt, linkAt } from './arbitrary.ts';
import type { RolledBackTree } from './rollback.ts';
import type { TreeEntry } from './tree.ts';

/** `a.txt=h1` a file, `a` a folder, `a->b` a link, `a=h1:600` a file with a mode. */
export function tree(...texts: string[]): TreeEntry[] {
  return texts.map((text) => {
    const [path = '', content] = text.split(/=|->/);
    if (text.includes('->')) return linkAt(path, content ?? '');
    if (content === undefined) return folderAt(path);
    const [hash = '', mode = '644'] = content.split(':');
    return entryAt(path, hash, Number.parseInt(mode, 8));
  });
}

/** Wanted entries in the same shorthand. */
export function shown({ wanted }: Pick<RolledBackTree<TreeEntry>, 'wanted'>): string[] {
  return wanted.map(({ path, entry, mode }) => {
    if (entry.kind === 'folder') return path;
    if (entry.kind === 'link') return `${path}->${entry.target}`;
    return `${path}=${entry.hash}${mode === 0o644 ? '' : `:${mode.toString(8)}`}`;
  });
}

export function parkedOf({ parked }: Pick<RolledBackTree<TreeEntry>, 'parked'>): string[] {
  return parked.map(
    ({ path, entry, why }) => `${path} ${entry?.hash ?? entry?.kind ?? 'deleted'} ${why}`,
  );
}
