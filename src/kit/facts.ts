import { join } from 'node:path/posix';
import type { AssetHandler } from '../asset/asset.ts';
import { currentUnit, placesOf, siteOf } from '../asset/release-site.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { readBook, readPair, type Pair } from '../switch/book.ts';
import type { Ground } from '../switch/ground.ts';
import { readyAddress } from '../switch/ready.ts';
import type { KitFacts, KitUnit } from './part.ts';
import { serviceFacts } from './service-facts.ts';
import { releaseUnits, unitsOf } from './units.ts';

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
        : { url: readyAddress(ready.http, manifest.service.port).href, withinMs: ready.within },
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
