import type { UnitName } from '../asset/asset.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Ground } from './ground.ts';

/**
 * What `--only` names: whole assets (`platforms`), or parts of them: files and folders (`user-data:ann.json`), paths of
 * a document (`user-data:ann.json#ui.theme`), tables of a database (`history:downloads`).
 */
export type Selection = readonly string[] | null;

/** True where the asset, or a part of it, takes part. */
export function takesPart(only: Selection, asset: string): boolean {
  return only === null || only.some((written) => split(written).asset === asset);
}

/**
 * True where a unit of the asset takes part: the asset is named, the unit, a folder that it lies in, or something
 * within it.
 */
export function takesUnit(
  { manifest }: Ground,
  only: Selection,
  { asset, unit }: { readonly asset: string; readonly unit: UnitName },
): boolean {
  if (only === null) return true;
  const isDatabase = manifest.assets[asset]?.kind === 'sqlite';
  return only.map(split).some(({ asset: named, part }) => {
    if (named !== asset) return false;
    return part === null || isDatabase || isUnitOf(part, unit) || unit === documentOf(part);
  });
}

/** The unit itself, or a folder that it lies in. */
function isUnitOf(part: string, unit: UnitName): boolean {
  return unit === part || unit.startsWith(`${part}/`);
}

/** The file of a path in a document; null where the part is none. */
function documentOf(part: string): string | null {
  const hash = part.indexOf('#');
  return hash < 0 ? null : part.slice(0, hash);
}

/**
 * What alone is meant within units of an asset: tables of a database, paths of documents (`file#path`). Null where
 * units are meant whole.
 */
export function partsOf(
  { manifest }: Ground,
  only: Selection,
  asset: string,
): readonly string[] | null {
  const named = (only ?? []).map(split).filter((each) => each.asset === asset);
  const parts = named.flatMap(({ part }) => part ?? []);
  if (parts.length < named.length || parts.length === 0) return null;
  if (manifest.assets[asset]?.kind === 'sqlite') return parts;
  const units = parts.filter((part) => documentOf(part) === null);
  const paths = parts.filter((part) => {
    const document = documentOf(part);
    return document !== null && !units.some((unit) => isUnitOf(unit, document));
  });
  return paths.length === 0 ? null : paths;
}

/**
 * Refuses a selection that names what is not there, that would split assets declared `together`, or a part of
 * what is not made of files. Throws `switch/refused`.
 */
export function refuseSplit(ground: Ground, only: Selection): void {
  for (const written of only ?? []) {
    const { asset, part } = split(written);
    requireAsset(ground, written, asset);
    requireTogether(ground, { only: only ?? [], written, asset });
    if (part !== null) requirePart(ground, { written, asset, part });
  }
}

function split(written: string): { readonly asset: string; readonly part: string | null } {
  const colon = written.indexOf(':');
  if (colon < 0) return { asset: written, part: null };
  const part = written.slice(colon + 1).replace(/\/+$/, '');
  return { asset: written.slice(0, colon), part };
}

function requireAsset({ manifest }: Ground, written: string, asset: string): void {
  if (manifest.assets[asset] !== undefined) return;
  throw new BackstepError('switch/refused', {
    message: `--only ${written}: the manifest has no asset ${asset}`,
    hint: `it has: ${Object.keys(manifest.assets).join(', ')}`,
  });
}

/** A part of one splits it from its partners as much as the whole of it does. */
function requireTogether(
  { manifest: { assets } }: Ground,
  { only, written, asset }: { only: readonly string[]; written: string; asset: string },
): void {
  const partners = Object.values(assets)
    .filter(
      (other) => other.together.includes(asset) || assets[asset]?.together.includes(other.name),
    )
    .map((other) => other.name);
  const missing = partners.find((partner) => !only.includes(partner));
  const isWhole = partners.length === 0 || written === asset;
  if (missing === undefined && isWhole) return;
  throw new BackstepError('switch/refused', {
    message: `--only ${written} would split it from ${missing ?? partners.join(', ')}, and the manifest declares them together`,
    hint: `name them whole: ${[asset, ...partners].map((name) => `--only ${name}`).join(' ')}`,
  });
}

function requirePart(
  ground: Ground,
  { written, asset, part }: { written: string; asset: string; part: string },
): void {
  const kind = ground.manifest.assets[asset]?.kind;
  // Whether there is such a table, the law knows.
  if (kind === 'sqlite') return;
  if (kind !== 'json' && kind !== 'files') {
    throw new BackstepError('switch/refused', {
      message: `--only ${written}: an asset of kind ${kind ?? ''} is rolled back whole`,
      hint: `--only ${asset}`,
    });
  }
  const units =
    ground.assets
      .find(({ name }) => name === asset)
      ?.live()
      .keys() ?? [];
  if ([...units].some((unit) => takesUnit(ground, [written], { asset, unit }))) return;
  throw new BackstepError('switch/refused', {
    message: `--only ${written}: ${asset} has no file or folder ${part}`,
    hint: `name it as it lies below the asset's folder; \`backstep snapshots\` and ${asset}'s folder show what is there`,
  });
}
