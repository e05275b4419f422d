import { join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import { readWhole } from '../host/whole-file.ts';
import type { AssetOf } from '../manifest/manifest.ts';
import type { AssetHandler, Check, Side } from './asset.ts';
import type { AssetContext, AssetKind } from './kind.ts';
import { resultOf } from './outcome.ts';
import { openReleases, type ReleaseShelf } from './releases.ts';
import { currentUnit, markerUnit, siteOf, type ReleaseSite } from './release-site.ts';

/**
 * The program files, never merged. With `layout: symlink` the one unit is the link `current`; in place, each file
 * of the release that is there now, and the marker that names it. What users put among them is no unit and stays.
 */
export const releaseKind: AssetKind<'release'> = { open: openRelease };

function openRelease(asset: AssetOf<'release'>, context: AssetContext): AssetHandler {
  const { disk } = context.host;
  const site = siteOf(context.manifest);
  const shelf = openReleases(context.host, site);
  const live = (): Side => liveUnits(context, { asset, site, shelf });
  return {
    name: asset.name,
    live,
    placeOf: (unit) => join(site.root, unit),
    heldFiles: () => [],
    settle: () => {},
    capture: async (writer, { as }) => {
      for (const [unit, path] of live()) writer.addTree(path, { as: join(as, unit) });
    },
    survey: () => Promise.resolve({ findings: [], oneWay: [], notes: [] }),
    merge: async ({ base }) => resultOf({ units: base }),
    check: (side) => Promise.resolve([checkRelease(shelf, versionOf(disk, side, shelf))]),
  };
}

interface Releasing {
  readonly asset: AssetOf<'release'>;
  readonly site: ReleaseSite;
  readonly shelf: ReleaseShelf;
}

function liveUnits({ host, ownerOf }: AssetContext, { asset, site, shelf }: Releasing): Side {
  const names = site.layout === 'symlink' ? [currentUnit] : namesInPlace(shelf);
  const units = names.flatMap((unit): [string, string][] => {
    const path = join(site.root, unit);
    const kind = host.disk.lstat(path)?.kind;
    const isOurs = site.layout === 'symlink' ? kind === 'link' : ownerOf(path) === asset.name;
    return isOurs && (kind === 'file' || kind === 'link') ? [[unit, path]] : [];
  });
  return new Map(units);
}

function namesInPlace(shelf: ReleaseShelf): readonly string[] {
  const version = shelf.current();
  if (version === null) return [];
  const files = shelf.listingOf(version).entries.filter(({ kind }) => kind !== 'folder');
  return [...files.map(({ path }) => path), markerUnit];
}

/** The version that a side's link or marker names; null where it names none. */
function versionOf(disk: Disk, side: Side, shelf: ReleaseShelf): string | null {
  const link = side.get(currentUnit);
  const known = shelf.list();
  if (link !== undefined && disk.lstat(link)?.kind === 'link') {
    const target = disk.readLink(link);
    return known.find((version) => target === version || target.endsWith(`/${version}`)) ?? null;
  }
  const marker = side.get(markerUnit);
  if (marker === undefined) return null;
  const text = readText(disk, marker);
  return known.find((version) => version === text) ?? null;
}

function readText(disk: Disk, path: string): string {
  return readWhole(disk, path).toString('utf8').trim();
}

function checkRelease(shelf: ReleaseShelf, version: string | null): Check {
  const check = { row: 'M7.1', name: 'release: files' };
  if (version === null) {
    return { ...check, status: 'warning', measured: 'no release that is known here' };
  }
  const wrong = shelf.differences(version);
  if (wrong.length === 0) return { ...check, status: 'success', measured: `${version} is whole` };
  const measured = `${version}: ${wrong.slice(0, 3).join('; ')}${wrong.length > 3 ? `; and ${wrong.length - 3} more` : ''}`;
  return { ...check, status: 'error', measured };
}
