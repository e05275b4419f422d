import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import type { Disk } from '../host/disk.ts';
import { randomHex } from '../host/random.ts';
import { createWhole, makeFolders, readWhole, removeTree } from '../host/whole-file.ts';
import { readBook } from '../switch/book.ts';
import type { Ground } from '../switch/ground.ts';
import { cardParts } from './card/card.ts';
import { factsOf, type KitMaking } from './facts.ts';
import type { KitFacts, KitPart } from './part.ts';
import { powershellParts } from './powershell/facts.ts';
import { factParts } from './shell-text.ts';

export interface Kit {
  /** Absolute. */
  readonly folder: string;
  readonly facts: KitFacts;
  /** Names in the folder. */
  readonly names: readonly string[];
}

/** Where a kit is written unless another folder is named. */
export function kitFolder(ground: Ground): string {
  return join(ground.folders.root, 'kit');
}

/**
 * Writes the kit for the newest upgrade: scripts that go back over it, with Backstep where that is there and without it
 * where not. It replaces an older kit in that folder; a crash leaves the older one or the new one, and at most a hidden
 * neighbour. Throws `kit/no-pair`, `kit/folder`, `store/…`.
 */
export function writeKit(ground: Ground, folder: string, making: Omit<KitMaking, 'scratch'>): Kit {
  const { disk, random } = ground.host;
  removeLeftOvers(disk, dirname(folder));
  const fresh = join(dirname(folder), `.kit-${randomHex(random, 6)}`);
  makeFolders(disk, fresh, 0o700);
  const scratch = join(fresh, 'scratch');
  try {
    const facts = factsOf(ground, { ...making, scratch });
    removeTree(disk, scratch);
    const parts = [
      ...scriptParts(disk),
      ...factParts(facts),
      ...powershellParts(facts),
      ...cardParts(facts, { folder, notes: facts.notes }),
    ];
    const all = [...parts, sumsOf(parts)];
    for (const { name, mode, bytes } of all) {
      createWhole(disk, join(fresh, name), { bytes, mode, isSynced: true });
    }
    disk.syncFolder(fresh);
    replaceFolder(disk, { fresh, folder, old: `${fresh}-old` });
    return { folder, facts, names: all.map(({ name }) => name) };
  } finally {
    removeTree(disk, fresh);
  }
}

/**
 * Writes the kit in the state folder anew where it leads back over another upgrade than the newest, and removes it
 * where there is none to go back over. Throws as `writeKit` does.
 */
export function keepKit(ground: Ground, making: Omit<KitMaking, 'scratch'>): void {
  const { disk } = ground.host;
  const folder = kitFolder(ground);
  if (readBook(ground.host, ground.folders).lineage.length === 0) {
    if (disk.lstat(folder) !== null) removeTree(disk, folder);
  } else if (staleness(ground) !== null) {
    writeKit(ground, folder, making);
  }
}

/** Null where the kit in the state folder leads back over the newest upgrade; else what is wrong with it, in a line. */
export function staleness(ground: Ground): string | null {
  const { disk } = ground.host;
  const newest = readBook(ground.host, ground.folders).lineage.at(-1);
  if (newest === undefined) return null;
  const file = join(kitFolder(ground), 'facts.sh');
  if (disk.lstat(file) === null) return 'there is none';
  const text = readWhole(disk, file).toString('utf8');
  return text.includes(`\npair='${newest}'\n`) ? null : 'it leads back over another upgrade';
}

/** Of a writer that was killed. */
function removeLeftOvers(disk: Disk, folder: string): void {
  if (disk.lstat(folder) === null) return;
  const left = disk.list(folder).filter((name) => /^\.kit-[0-9a-f]{12}(-old)?$/.test(name));
  for (const name of left) removeTree(disk, join(folder, name));
}

/** The scripts as they lie in the package. */
function scriptParts(disk: Disk): readonly KitPart[] {
  const folder = fileURLToPath(new URL('../../kit/', import.meta.url));
  return disk
    .list(folder)
    .filter((name) => name.endsWith('.sh') || name.endsWith('.ps1'))
    .map((name) => {
      const mode = name.startsWith('plain.') ? 0o600 : 0o700;
      return { name, mode, bytes: readWhole(disk, join(folder, name)) };
    });
}

function sumsOf(parts: readonly KitPart[]): KitPart {
  const lines = parts.map(
    ({ name, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`,
  );
  return { name: 'SHA256SUMS', mode: 0o600, bytes: Buffer.from(lines.join('')) };
}

function replaceFolder(
  disk: Disk,
  { fresh, folder, old }: { readonly fresh: string; readonly folder: string; readonly old: string },
): void {
  if (disk.lstat(folder) !== null) disk.rename(folder, old);
  disk.rename(fresh, folder);
  disk.syncFolder(dirname(folder));
  removeTree(disk, old);
}
