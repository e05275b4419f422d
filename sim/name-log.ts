import type { Chance } from './chance.ts';
import type { Inode } from './inode.ts';

/** One act on names; a file system does all of it or nothing. */
export interface NameAct {
  readonly effects: readonly NameEffect[];
  /** What loses or gets a name. */
  readonly inodes: readonly Inode[];
  /** The folder that is made. */
  readonly made?: Inode;
  /** The folder that is removed, for which it had to be empty. */
  readonly removed?: Inode;
}

/** What a name in a folder stands for from then on; null for nothing. */
export interface NameEffect {
  readonly folder: Inode;
  readonly name: string;
  readonly inode: Inode | null;
}

/**
 * How much order a file system keeps among acts on names that nobody synced: that of its journal; that within each
 * folder; or only what they need of one another.
 */
export const orders = ['journal', 'folders', 'none'] as const;
export type Order = (typeof orders)[number];

interface Pending extends NameAct {
  /** Folders of it that were synced since. */
  readonly syncedIn: Set<Inode>;
}

/** Acts on names since each folder was last synced. */
export class NameLog {
  #pending: Pending[] = [];

  /** Does the act in the cache. */
  act(act: NameAct): void {
    for (const effect of act.effects) put(effect.folder.names, effect);
    this.#pending.push({ ...act, syncedIn: new Set() });
  }

  /**
   * What happened in the folder reaches the disk. Of a rename into it the new name does, the old one may come back
   * until its own folder is synced; a rename out of it is done or not, until the other folder is synced as well.
   */
  syncFolder(folder: Inode): void {
    const rest: Pending[] = [];
    for (const [at, act] of this.#pending.entries()) {
      rest.push(...this.#synced(act, folder, this.#pending.slice(at + 1)));
    }
    this.#pending = rest;
  }

  /** Returns what is pending of the act. */
  #synced(act: Pending, folder: Inode, later: readonly Pending[]): Pending[] {
    const isHere = ({ folder: where }: NameEffect): boolean => where === folder;
    if (!act.effects.some(isHere)) return [act];
    act.syncedIn.add(folder);
    const elsewhere = act.effects.filter(({ folder: where }) => !act.syncedIn.has(where));
    const adds = act.effects.some((effect) => isHere(effect) && effect.inode !== null);
    const isFile = act.inodes.every(({ kind }) => kind !== 'folder');
    const isBuiltOn = later.some((next) => next.effects.some((one) => hasName(act, one, folder)));
    if (elsewhere.length > 0 && !adds && !isBuiltOn) return [act];
    const isSplit = elsewhere.length > 0 && adds && isFile;
    for (const effect of act.effects) {
      if (!isSplit || !elsewhere.includes(effect)) put(effect.folder.syncedNames, effect);
    }
    return isSplit ? [{ ...act, effects: elsewhere, syncedIn: new Set() }] : [];
  }

  syncAll(): void {
    for (const { effects } of this.#pending) {
      for (const effect of effects) put(effect.folder.syncedNames, effect);
    }
    this.#pending = [];
  }

  /** Which of the pending acts are on the disk after a loss of power, oldest first. */
  keptAfterCrash(chance: Chance, order: Order): readonly NameAct[] {
    const share = chance.of([0, 0.3, 0.7, 0.95, 1]);
    const [kept, lost]: [NameAct[], NameAct[]] = [[], []];
    for (const act of this.#pending) {
      const isPossible = !lost.some((earlier) => needs(act, earlier, order));
      (isPossible && chance.isOf(share) ? kept : lost).push(act);
    }
    return kept;
  }
}

/** Sets or removes a name in a map of a folder's names. */
export function put(names: Map<string, Inode>, { name, inode }: NameEffect): void {
  if (inode === null) names.delete(name);
  else names.set(name, inode);
}

function hasName(act: NameAct, { folder, name }: NameEffect, inFolder: Inode): boolean {
  if (folder !== inFolder) return false;
  return act.effects.some((effect) => effect.folder === folder && effect.name === name);
}

/** True where the act cannot be on the disk without the earlier one. */
function needs(act: NameAct, earlier: NameAct, order: Order): boolean {
  if (order === 'journal') return true;
  const sharesFolder = act.effects.some((one) =>
    earlier.effects.some(
      (two) => one.folder === two.folder && (order === 'folders' || one.name === two.name),
    ),
  );
  return (
    sharesFolder ||
    act.inodes.some((inode) => earlier.inodes.includes(inode)) ||
    act.effects.some(({ folder }) => folder === earlier.made) ||
    earlier.effects.some(({ folder }) => folder === act.removed)
  );
}
