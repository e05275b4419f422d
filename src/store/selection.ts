import { BackstepError } from '../fault/backstep-error.ts';
import type { Entry } from './entry.ts';
import type { Snapshot } from './manifest.ts';

export interface RestoreOptions {
  /** Restores this entry, and what is in it, as the target itself; without it, the target is the snapshot's root. */
  readonly subtree?: string;
  /** Only these entries, what is in them and the folders above them; paths as they stand in the snapshot. */
  readonly only?: readonly string[];
  /** Only these files and links, each under this name right below the target; takes the place of the other two. */
  readonly places?: ReadonlyMap<string, string>;
  /** False for working files, which a crash may lose: nothing is synced. */
  readonly isDurable?: boolean;
}

/** An entry and where below the target it goes; '' is the target itself. */
export interface Wanted {
  readonly entry: Entry;
  readonly name: string;
}

/** Throws `store/no-snapshot` for a name that the snapshot does not hold. */
export function selectEntries(
  snapshot: Snapshot,
  { subtree, only, places }: RestoreOptions,
): readonly Wanted[] {
  if (places !== undefined) return placedEntries(snapshot, places);
  const roots = new Set(only);
  requireThere(snapshot, new Set(subtree === undefined ? roots : [subtree, ...roots]));
  const above = new Set([...roots].flatMap((root) => upwards(root)));
  const isChosen = (path: string): boolean =>
    only === undefined || above.has(path) || isBelowOne(path, roots);
  const isInSubtree = (path: string): boolean =>
    subtree === undefined || path === subtree || path.startsWith(`${subtree}/`);
  const cut = subtree === undefined ? 0 : subtree.length + 1;
  return snapshot.listing.paths
    .filter((path) => isInSubtree(path) && isChosen(path))
    .flatMap((path) => {
      const entry = snapshot.listing.entryOf(path);
      return entry === null ? [] : [{ entry, name: path.slice(cut) }];
    });
}

function placedEntries(snapshot: Snapshot, places: ReadonlyMap<string, string>): readonly Wanted[] {
  return [...places].map(([path, name]) => {
    const entry = snapshot.listing.entryOf(path);
    if (entry === null) throw noEntry(snapshot, path);
    return { entry, name };
  });
}

function requireThere(snapshot: Snapshot, names: ReadonlySet<string>): void {
  for (const name of names) {
    if (snapshot.listing.lineOf(name) === null) throw noEntry(snapshot, name);
  }
}

function isBelowOne(path: string, roots: ReadonlySet<string>): boolean {
  for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
    if (roots.has(path.slice(0, cut))) return true;
  }
  return false;
}

/** The path itself and every folder above it. */
function upwards(path: string): readonly string[] {
  const found = [path];
  for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
    found.push(path.slice(0, cut));
  }
  return found;
}

function noEntry(snapshot: Snapshot, path: string): BackstepError {
  return new BackstepError('store/no-snapshot', {
    message: `snapshot ${snapshot.id} holds no ${JSON.stringify(path)}`,
    hint: 'its listing names what it holds',
  });
}
