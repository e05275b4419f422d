import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '../..');

const left = new Set(['node_modules', 'dist', 'run', '.git']);

/** Files below folders of a tree whose name matches, with their text; folders that are not there are none. */
export function filesOf(
  root: string,
  folders: readonly string[],
  name: RegExp,
): { readonly path: string; readonly text: string }[] {
  return folders.flatMap((folder) =>
    pathsBelow(root, folder)
      .filter((path) => name.test(path))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  );
}

function pathsBelow(root: string, folder: string): string[] {
  const parent = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
  const base = folder.slice(folder.lastIndexOf('/') + 1);
  const isThere = readdirSync(join(root, parent), { withFileTypes: true }).some(
    (entry) => entry.isDirectory() && entry.name === base,
  );
  if (!isThere) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return left.has(entry.name) ? [] : pathsBelow(root, path);
    return entry.isFile() ? [path] : [];
  });
}
