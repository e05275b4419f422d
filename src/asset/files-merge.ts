import { join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import type { ParkedFile } from '../law/files/judge.ts';
import { returnTree } from '../law/files/return.ts';
import { rollBackTree } from '../law/files/rollback.ts';
import type { WantedEntry } from '../law/files/settle.ts';
import type { Outcome } from '../law/place.ts';
import type { AssetOf } from '../manifest/manifest.ts';
import type { MergeRequest, MergeResult, Side, UnitName } from './asset.ts';
import { copyWhole } from './attributes.ts';
import { decisionsOf } from './decided.ts';
import { refuseDamage } from './files-damage.ts';
import { listSide, openHashes, type FileEntry } from './files-listing.ts';
import { resultOf } from './outcome.ts';
import { parkedName } from './side.ts';

interface Listings {
  readonly base: readonly FileEntry[];
  readonly origin: readonly FileEntry[];
  readonly latest: readonly FileEntry[];
}

interface MergedTree {
  readonly wanted: readonly WantedEntry<FileEntry>[];
  readonly outcome: Outcome;
  readonly parked: readonly ParkedFile<FileEntry>[];
}

/** Merges an asset's files by name, content and mode. Throws `tree/entry`. */
export function mergeFiles(
  { disk }: Host,
  asset: AssetOf<'files'>,
  request: MergeRequest,
): MergeResult {
  const hashOf = openHashes(disk);
  const listings = {
    base: listSide(disk, request.base, hashOf),
    origin: listSide(disk, request.origin, hashOf),
    latest: listSide(disk, request.latest, hashOf),
  };
  const isBack = request.direction === 'back';
  const options = { decisions: decisionsOf(asset.name, request), at: request.at };
  const refused = isBack ? refuseDamage(listings, asset.carryLimit) : null;
  const merged = isBack
    ? rollBackTree(
        { before: listings.base, after: listings.origin, now: refused?.latest ?? listings.latest },
        options,
      )
    : goForth(disk, { request, listings });
  const parked = [...merged.parked, ...(refused?.parked ?? [])];
  const damage = refused?.damage;
  return resultOf({
    units: placeAll(disk, request, { wanted: merged.wanted, listings }),
    outcome: {
      ...merged.outcome,
      parked: parked.map(({ path, why }) => ({ what: path, count: 1, why })),
    },
    damage: damage === undefined || damage === null ? {} : { '.': damage },
    parkedUnits: parkAll(disk, request, parked),
  });
}

function goForth(
  disk: Disk,
  { request, listings }: { readonly request: MergeRequest; readonly listings: Listings },
): MergedTree {
  const hashOf = openHashes(disk);
  const list = (side: Side | undefined, otherwise: readonly FileEntry[]): readonly FileEntry[] =>
    side === undefined ? otherwise : listSide(disk, side, hashOf);
  const states = {
    before: list(request.rolledBack?.before, listings.origin),
    after: list(request.rolledBack?.after, listings.base),
    displaced: listings.base,
    settled: listings.origin,
    now: listings.latest,
  };
  const returned = returnTree(states, { at: request.at });
  return { ...returned, parked: [...returned.parked, ...returned.stale] };
}

interface Placing {
  readonly wanted: readonly WantedEntry<FileEntry>[];
  readonly listings: Listings;
}

/** Each unit where it lies with the wanted bytes, owner and mode, the live one first; else a copy in `into`. */
function placeAll(disk: Disk, { into }: MergeRequest, { wanted, listings }: Placing): Side {
  const live = new Map(listings.latest.map((entry) => [entry.path, entry]));
  const units = new Map<UnitName, string>();
  for (const { path, entry, mode } of wanted) {
    const here = live.get(path);
    if (here !== undefined && isAlike(here, { ...entry, mode })) units.set(path, here.whole);
    else if (entry.kind === 'link' || entry.mode === mode) units.set(path, entry.whole);
    else {
      const made = join(into, path);
      copyWhole(disk, entry.whole, made);
      disk.chmod(made, mode);
      units.set(path, made);
    }
  }
  return units;
}

function isAlike(a: FileEntry, b: FileEntry): boolean {
  return (
    a.kind === b.kind &&
    a.hash === b.hash &&
    a.target === b.target &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid
  );
}

/** Keeps the files themselves; a deletion that was parked has none. */
function parkAll(
  disk: Disk,
  { into }: MergeRequest,
  parked: readonly ParkedFile<FileEntry>[],
): Side {
  const units = new Map<UnitName, string>();
  for (const { path, entry, why } of parked) {
    const name = parkedName(`${why === 'stale' ? 'stale' : 'files'}/${path}`);
    if (entry === null || units.has(name)) continue;
    copyWhole(disk, entry.whole, join(into, name));
    units.set(name, join(into, name));
  }
  return units;
}
