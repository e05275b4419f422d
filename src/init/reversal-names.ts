import { join } from 'node:path/posix';
import { z } from 'zod';
import { readDocument } from '../form/document.ts';
import { readTextFile } from '../form/read-text.ts';
import type { Disk } from '../host/disk.ts';
import { nameOf } from './draft.ts';

/** Names of assets that reversal files use, with what they say is in each. */
export interface ReversalNames {
  /** Name of an asset → tables of its database. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string>>;
  /** Name of an asset → paths of its documents. */
  readonly documents: ReadonlyMap<string, ReadonlySet<string>>;
}

const spoken = z.object({
  sqlite: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  json: z.record(z.string(), z.unknown()).default({}),
});

/** Of all reversal files in a folder; one that cannot be read says nothing here, and is refused where it is used. */
export function reversalNames(disk: Disk, folder: string): ReversalNames {
  const tables = new Map<string, Set<string>>();
  const documents = new Map<string, Set<string>>();
  for (const name of namesIn(disk, folder)) {
    const file = readTextFile(disk, join(folder, name));
    if (!file.ok) continue;
    const read = spoken.safeParse(readDocument(file.text).value);
    if (!read.success) continue;
    for (const [asset, said] of Object.entries(read.data.sqlite)) {
      add(tables, asset, ...Object.keys(said));
    }
    for (const key of Object.keys(read.data.json)) {
      const [asset = '', ...path] = key.split('/');
      add(documents, asset, path.join('/'));
    }
  }
  return { tables, documents };
}

function namesIn(disk: Disk, folder: string): readonly string[] {
  if (disk.lstat(folder)?.kind !== 'folder') return [];
  return disk.list(folder).filter((name) => /\.ya?ml$/.test(name));
}

function add(into: Map<string, Set<string>>, asset: string, ...parts: readonly string[]): void {
  if (nameOf(asset, ['release']) !== asset) return;
  const known = into.get(asset) ?? new Set();
  for (const part of parts) known.add(part);
  into.set(asset, known);
}

/** The name under which the most of what is said lies there; null where none does, or two as much. */
export function bestName(
  names: ReadonlyMap<string, ReadonlySet<string>>,
  isThere: (part: string) => boolean,
): string | null {
  const scores = [...names]
    .map(([name, parts]) => ({ name, score: [...parts].filter(isThere).length }))
    .toSorted((a, b) => b.score - a.score);
  const [first, second] = scores;
  if (first === undefined || first.score === 0 || first.score === second?.score) return null;
  return first.name;
}
