import { dirname, join } from 'node:path/posix';
import type { AssetHandler } from '../asset/asset.ts';
import { openReleases } from '../asset/releases.ts';
import { currentUnit, markerUnit, siteOf } from '../asset/release-site.ts';
import { assetsOf } from '../manifest/manifest.ts';
import type { FileEntry } from '../store/entry.ts';
import { parseEntry } from '../store/line.ts';
import type { Pair } from '../switch/book.ts';
import { decisionsOf, reversalOf } from '../switch/decided.ts';
import { isRelease, stateAssets, type Ground } from '../switch/ground.ts';
import { siblingFolderOf } from '../switch/moves.ts';
import { recordedFindings } from '../switch/recorded-findings.ts';
import { openState, type CapturedState } from '../switch/stage/states.ts';
import { differingUnits } from '../switch/stage/unit-lines.ts';
import { compileDatabase } from './compile-database.ts';
import type { KitUnit } from './part.ts';

/** The hidden folder beside an asset for what a kit stages and displaces. */
export function kitRoot(ground: Ground, pair: string, asset: AssetHandler): string {
  const name = `.backstep-${ground.manifest.app}-emergency-${pair}`;
  return siblingFolderOf(ground.host.disk, dirname(asset.placeOf('x')), name).root;
}

export interface Made {
  readonly units: readonly KitUnit[];
  readonly notes: readonly string[];
}

/** What the upgrade changed of the state, unit by unit; states are restored into `scratch` where they are read. */
export function unitsOf(ground: Ground, pair: Pair, scratch: string): Made {
  const before = openState(ground, pair.before, join(scratch, 'before'));
  const after = openState(ground, pair.after, join(scratch, 'after'));
  const made = stateAssets(ground).map((asset) => {
    const kind = ground.manifest.assets[asset.name]?.kind;
    const sides = { asset, before, after };
    if (kind === 'sqlite') return databaseUnits(ground, pair, sides);
    if (kind === 'command') return onlyNotes(`${asset.name}: its own commands need Backstep`);
    return fileUnits(ground, pair, sides);
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
function fileUnits(ground: Ground, pair: Pair, { asset, before, after }: Sides): Made {
  const root = kitRoot(ground, pair.id, asset);
  const names = differingUnits([before.units(asset.name), after.units(asset.name)]);
  const units = [...names].map((unit): KitUnit => {
    const place = { asset: asset.name, unit, isRelease: false, live: asset.placeOf(unit), root };
    const entry = before.entryOf(asset.name, unit) ?? furtherName(before, asset.name, unit);
    if (entry?.kind === 'link')
      return { ...place, source: { kind: 'link', target: entry.target }, attributes: null };
    if (entry?.kind !== 'file') return { ...place, source: { kind: 'gone' }, attributes: null };
    const { mode, uid, gid, hashes } = entry;
    return { ...place, source: { kind: 'file', hashes }, attributes: { mode, uid, gid } };
  });
  const changed = units.filter(({ source }) => source.kind !== 'gone').map(({ unit }) => unit);
  const note = `${asset.name}: ${changed.join(', ')}: as before the upgrade; what was changed there since is kept with the release that was left`;
  return { units, notes: changed.length === 0 ? [] : [note] };
}

/** The file of which a unit is a further name; a kit makes it a file of its own. Null where there is no such unit. */
function furtherName(state: CapturedState, asset: string, unit: string): FileEntry | null {
  const line = state.units(asset).get(unit);
  const entry = line === undefined ? null : parseEntry(line);
  if (entry?.kind !== 'hard-link') return null;
  const first = state.entryOf(asset, entry.first.slice(`assets/${asset}/`.length));
  return first?.kind === 'file' ? first : null;
}

function databaseUnits(ground: Ground, pair: Pair, sides: Sides): Made {
  const { asset, before, after } = sides;
  const names = differingUnits([before.units(asset.name), after.units(asset.name)]);
  const made = [...names].flatMap((unit) => databaseUnit(ground, pair, { ...sides, unit }) ?? []);
  return {
    units: made.map((each) => each.unit),
    notes: made.flatMap(({ notes }) => notes.map((note) => `${asset.name}: ${note}`)),
  };
}

function databaseUnit(
  ground: Ground,
  pair: Pair,
  { asset, before, after, unit }: Sides & { readonly unit: string },
): { readonly unit: KitUnit; readonly notes: readonly string[] } | null {
  const { name } = asset;
  const [old, fresh] = [before.entryOf(name, unit), after.entryOf(name, unit)];
  const described = assetsOf(ground.manifest, 'sqlite').find((each) => each.name === name);
  if (old?.kind !== 'file' || fresh?.kind !== 'file' || described === undefined) return null;
  const reversal = reversalOf(ground, pair);
  const findings = recordedFindings(ground, pair, { before, after, reversal })(name);
  const only = new Set([unit]);
  const compiled = compileDatabase(
    { asset: described, unit },
    {
      beforeFile: before.side(name, only).get(unit) ?? '',
      afterFile: after.side(name, only).get(unit) ?? '',
      disk: ground.host.disk,
      reversal,
      decisions: decisionsOf(ground, pair, { reversal, now: {} })[name] ?? [],
      ...(findings === null ? {} : { findings }),
      at: pair.at,
    },
  );
  const { mode, uid, gid, hashes } = old;
  const source = { kind: 'database', before: hashes, after: fresh.hashes, compiled } as const;
  return {
    unit: {
      asset: name,
      unit,
      isRelease: false,
      live: asset.placeOf(unit),
      root: kitRoot(ground, pair.id, asset),
      source,
      attributes: { mode, uid, gid },
    },
    notes: compiled?.notes ?? [
      `${unit}: no script can follow its shape: it comes back as before the upgrade`,
    ],
  };
}

/** With a link: the link alone. In place: every file of both releases. */
export function releaseUnits(ground: Ground, pair: Pair): readonly KitUnit[] {
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
