import { dirname, join } from 'node:path/posix';
import type { AssetHandler } from '../asset/asset.ts';
import { openReleases } from '../asset/releases.ts';
import { currentUnit, markerUnit, placesOf, siteOf } from '../asset/release-site.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { readBook, readPair, type Pair } from '../switch/book.ts';
import { isRelease, stateAssets, type Ground } from '../switch/ground.ts';
import { readyAddress } from '../switch/ready.ts';
import { siblingFolderOf } from '../switch/moves.ts';
import { differingUnits, openState, type CapturedState } from '../switch/states.ts';
import { compiledDatabase } from './compiled.ts';
import type { KitFacts, KitUnit } from './part.ts';
import { serviceFacts } from './service-facts.ts';

/** What only the caller knows. */
export interface KitMaking {
  /** An empty place for working files. */
  readonly scratch: string;
  /** How this Backstep was called, and its version. */
  readonly backstep: KitFacts['backstep'];
  readonly version: string;
}

/**
 * Gathers what a kit needs: the newest pair's differences, unit by unit, and a compiled script for each database that
 * the upgrade changed. Reads the store and writes only to `scratch`. Throws `kit/no-pair`, `switch/no-pair`, `store/…`.
 */
export function factsOf(ground: Ground, { scratch, backstep, version }: KitMaking): KitFacts {
  const { manifest, folders, host } = ground;
  const pair = newestPair(ground);
  const made = unitsOf(ground, pair, scratch);
  const ready = manifest.health.ready;
  return {
    app: manifest.app,
    madeAt: new Date(host.clock.now()).toISOString(),
    madeBy: version,
    manifestFile: manifest.file,
    folder: manifest.folder,
    state: manifest.state,
    store: folders.store,
    backstep,
    pair: pairFacts(pair),
    releases: releaseFacts(ground, pair),
    assets: ground.assets.map((asset) => assetFacts(ground, asset, made.units)),
    units: [...releaseUnits(ground, pair), ...made.units],
    notes: made.notes,
    service: serviceFacts(ground),
    health:
      ready?.http === undefined
        ? null
        : { url: readyAddress(ground, ready.http).href, withinMs: ready.within },
    contacts: Object.entries(manifest.contacts).map(([role, contact]) => ({
      role,
      name: contact.name ?? null,
      email: contact.email ?? null,
      phone: contact.phone ?? null,
      level: contact.level,
    })),
  };
}

function pairFacts({ id, from, to, at, before, after }: Pair): KitFacts['pair'] {
  return { id, from, to, at, before, after };
}

function releaseFacts({ manifest }: Ground, pair: Pair): KitFacts['releases'] {
  const { root, layout } = manifest.releases;
  const { folder, listing } = placesOf(siteOf(manifest), pair.from);
  return {
    root,
    layout,
    link: layout === 'symlink' ? join(root, currentUnit) : null,
    folder,
    listing,
  };
}

function assetFacts(
  ground: Ground,
  { name }: AssetHandler,
  units: readonly KitUnit[],
): KitFacts['assets'][number] {
  const kind = ground.manifest.assets[name]?.kind ?? 'files';
  const own = units.filter(({ asset }) => asset === name);
  const isCompiled = own.some(
    ({ source }) => source.kind === 'database' && source.compiled !== null,
  );
  if (kind === 'release') return { name, kind, plainly: 'released' };
  if (kind === 'command') return { name, kind, plainly: 'by-hand' };
  if (own.length === 0) return { name, kind, plainly: 'kept' };
  return { name, kind, plainly: isCompiled ? 'compiled' : 'restored' };
}

function newestPair(ground: Ground): Pair {
  const { lineage } = readBook(ground.host, ground.folders);
  const newest = lineage.at(-1);
  if (newest !== undefined) return readPair(ground.host, ground.folders, newest);
  throw new BackstepError('kit/no-pair', {
    message: 'there is no upgrade to go back over, so there is nothing that a kit could do',
    hint: 'upgrade with `backstep upgrade`, or make the pair of one that was made by hand with `backstep adopt`',
  });
}

/** The hidden folder beside an asset for what a kit stages and displaces. */
export function kitRoot(ground: Ground, pair: string, asset: AssetHandler): string {
  const name = `.backstep-${ground.manifest.app}-emergency-${pair}`;
  return siblingFolderOf(ground.host.disk, dirname(asset.placeOf('x')), name).root;
}

interface Made {
  readonly units: readonly KitUnit[];
  readonly notes: readonly string[];
}

function unitsOf(ground: Ground, pair: Pair, scratch: string): Made {
  const before = openState(ground, pair.before, join(scratch, 'before'));
  const after = openState(ground, pair.after, join(scratch, 'after'));
  const made = stateAssets(ground).map((asset) => {
    const kind = ground.manifest.assets[asset.name]?.kind;
    const sides = { asset, before, after };
    if (kind === 'sqlite') return databaseUnits(ground, pair, sides);
    if (kind === 'command') return onlyNotes(`${asset.name}: its own commands need Backstep`);
    return fileUnits(ground, pair, { ...sides, kind: kind ?? '' });
  });
  return {
    units: made.flatMap(({ units }) => units),
    notes: made.flatMap(({ notes }) => notes),
  };
}

function onlyNotes(note: string): Made {
  return { units: [], notes: [note] };
}

interface Sides {
  readonly asset: AssetHandler;
  readonly before: CapturedState;
  readonly after: CapturedState;
}

/** Files that the upgrade changed come back as they were; all others stay as they are now. */
function fileUnits(
  ground: Ground,
  pair: Pair,
  { asset, before, after, kind }: Sides & { readonly kind: string },
): Made {
  const root = kitRoot(ground, pair.id, asset);
  const names = differingUnits([before.units(asset.name), after.units(asset.name)]);
  const units = [...names].map((unit): KitUnit => {
    const place = { asset: asset.name, unit, isRelease: false, live: asset.placeOf(unit), root };
    const entry = before.entryOf(asset.name, unit);
    if (entry === null) return { ...place, source: { kind: 'gone' }, attributes: null };
    if (entry.kind === 'link')
      return { ...place, source: { kind: 'link', target: entry.target }, attributes: null };
    if (entry.kind !== 'file') return { ...place, source: { kind: 'gone' }, attributes: null };
    const { mode, uid, gid, hashes } = entry;
    return { ...place, source: { kind: 'file', hashes }, attributes: { mode, uid, gid } };
  });
  const changed = units.filter(({ source }) => source.kind !== 'gone').map(({ unit }) => unit);
  const note = `${asset.name}: ${changed.join(', ')}: as before the upgrade; what was changed there since needs Backstep to be ${kind === 'json' ? 'merged' : 'carried'}`;
  return { units, notes: changed.length === 0 ? [] : [note] };
}

function databaseUnits(ground: Ground, pair: Pair, { asset, before, after }: Sides): Made {
  const names = differingUnits([before.units(asset.name), after.units(asset.name)]);
  const made = [...names].flatMap((unit) => {
    const [old, fresh] = [before.entryOf(asset.name, unit), after.entryOf(asset.name, unit)];
    if (old?.kind !== 'file' || fresh?.kind !== 'file') return [];
    const only = new Set([unit]);
    const files = {
      before: before.side(asset.name, only).get(unit) ?? '',
      after: after.side(asset.name, only).get(unit) ?? '',
    };
    const compiled = compiledDatabase(ground, pair, { asset: asset.name, files });
    const unitMade: KitUnit = {
      asset: asset.name,
      unit,
      isRelease: false,
      live: asset.placeOf(unit),
      root: kitRoot(ground, pair.id, asset),
      source: {
        kind: 'database',
        before: old.hashes,
        after: fresh.hashes,
        compiled: compiled.compiled,
      },
      attributes: { mode: old.mode, uid: old.uid, gid: old.gid },
    };
    return [{ unit: unitMade, compiled }];
  });
  return {
    units: made.map(({ unit }) => unit),
    notes: made.flatMap(({ compiled }) => compiled.notes.map((note) => `${asset.name}: ${note}`)),
  };
}

/** With a link: the link alone. In place: every file of both releases. */
function releaseUnits(ground: Ground, pair: Pair): readonly KitUnit[] {
  const asset = ground.assets.find(({ name }) => isRelease(ground, name));
  if (asset === undefined) return [];
  const root = kitRoot(ground, pair.id, asset);
  const place = (unit: string) => ({
    asset: asset.name,
    unit,
    isRelease: true,
    live: asset.placeOf(unit),
    root,
  });
  if (ground.manifest.releases.layout === 'symlink') {
    const source = { kind: 'link', target: pair.from } as const;
    return [{ ...place(currentUnit), source, attributes: null }];
  }
  const shelf = openReleases(ground.host, siteOf(ground.manifest));
  const owner = ground.host.disk.lstat(ground.manifest.releases.root);
  const attributesOf = (mode: number) => ({ mode, uid: owner?.uid ?? 0, gid: owner?.gid ?? 0 });
  const wanted = shelf.listingOf(pair.from).entries.filter(({ kind }) => kind !== 'folder');
  const kept = new Set([...wanted.map(({ path }) => path), markerUnit]);
  const gone = shelf
    .listingOf(pair.to)
    .entries.filter(({ kind, path }) => kind !== 'folder' && !kept.has(path));
  return [
    ...wanted.map(({ kind, path, mode, target }): KitUnit => {
      if (kind === 'link')
        return { ...place(path), source: { kind, target: target ?? '' }, attributes: null };
      const from = join(shelf.folderOf(pair.from), path);
      return { ...place(path), source: { kind: 'copy', from }, attributes: attributesOf(mode) };
    }),
    ...gone.map(({ path }): KitUnit => {
      return { ...place(path), source: { kind: 'gone' }, attributes: null };
    }),
    { ...place(markerUnit), source: { kind: 'gone' }, attributes: null },
  ];
}
