import type { UnitName } from '../asset/asset.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Ground } from './ground.ts';

/** What `--only` names: whole assets (`platforms`), or parts of them (`user-data:ann.json`, `user-data:themes`). */
export type Selection = readonly string[] | null;

/** True where the asset, or a part of it, takes part. */
export function takesPart(only: Selection, asset: string): boolean {
  return only === null || only.some((written) => split(written).asset === asset);
}

/** True where a file of the asset takes part: the asset is named, the file, or a folder that it lies in. */
export function takesUnit(only: Selection, asset: string, unit: UnitName): boolean {
  if (only === null) return true;
  return only.map(split).some(({ asset: named, part }) => {
    if (named !== asset) return false;
    return part === null || unit === part || unit.startsWith(`${part}/`);
  });
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
  { manifest, assets }: Ground,
  { written, asset, part }: { written: string; asset: string; part: string },
): void {
  const kind = manifest.assets[asset]?.kind;
  if (kind !== 'json' && kind !== 'files') {
    throw new BackstepError('switch/refused', {
      message: `--only ${written}: an asset of kind ${kind ?? ''} is rolled back whole`,
      hint: `--only ${asset}; tables of one database refer to each other, so they go back together`,
    });
  }
  const units =
    assets
      .find(({ name }) => name === asset)
      ?.live()
      .keys() ?? [];
  if ([...units].some((unit) => takesUnit([written], asset, unit))) return;
  throw new BackstepError('switch/refused', {
    message: `--only ${written}: ${asset} has no file or folder ${part}`,
    hint: `name it as it lies below the asset's folder; \`backstep snapshots\` and ${asset}'s folder show what is there`,
  });
}
