import { nearest } from '../form/nearest.ts';
import type { Asset, Releases } from './manifest.ts';
import type { Judging } from './judging.ts';
import type { Platform } from './system.ts';
import { isInside, meetings } from './territory.ts';

interface Located {
  readonly assets: Readonly<Record<string, Asset>>;
  readonly state: string | null;
  readonly releases: Releases | null;
}

/**
 * Refuses two assets for one file, and a state folder that would be restored with what it protects.
 * Gives the assets with `inner` filled in.
 */
export function checkTerritories(located: Located, judging: Judging): Record<string, Asset> {
  const { assets, state } = located;
  const { platform } = judging.ground.system;
  const territories = Object.fromEntries(
    Object.entries(assets).map(([name, asset]) => [name, asset.territory]),
  );
  const inner: Record<string, string[]> = {};
  for (const meeting of meetings(territories, platform)) {
    if (meeting.kind === 'inner') (inner[meeting.outer] ??= []).push(meeting.inner);
    else refuseBoth(meeting, judging);
  }
  if (state !== null) checkState(state, located, judging);
  for (const asset of Object.values(assets)) checkTogether(asset, judging);
  return Object.fromEntries(
    Object.entries(assets).map(([name, asset]) => [name, { ...asset, inner: inner[name] ?? [] }]),
  );
}

function refuseBoth(
  { assets, file }: { readonly assets: readonly [string, string]; readonly file: string },
  { complain }: Judging,
): void {
  const [first, second] = assets;
  const message = `\`${first}\` and \`${second}\` both own ${file}`;
  complain(['assets', second], message, 'narrow one of them with `files:` or `exclude:`');
}

function checkState(
  state: string,
  { assets, releases }: Located,
  { complain, ground }: Judging,
): void {
  const { platform } = ground.system;
  const reason = 'a restore would replace the snapshots that it restores from';
  for (const [name, asset] of Object.entries(assets)) {
    const root = rootsOf(asset, releases).find((each) => isEither(state, each, platform));
    if (root === undefined) continue;
    const where = isInside(state, root, platform) ? 'lies in' : 'holds';
    complain(
      ['state'],
      `${state} ${where} ${root} of asset \`${name}\`: ${reason}`,
      'choose a folder outside of every asset',
    );
  }
}

/** Folders that belong to an asset, or its single files. */
function rootsOf(asset: Asset, releases: Releases | null): readonly string[] {
  switch (asset.kind) {
    case 'json':
    case 'files':
      return [asset.root];
    case 'sqlite':
      return [asset.path];
    case 'release':
      return releases === null ? [] : [releases.root];
    case 'service':
      return asset.files;
    case 'command':
      break;
  }
  return [];
}

function isEither(state: string, root: string, platform: Platform): boolean {
  return isInside(state, root, platform) || isInside(root, state, platform);
}

function checkTogether(asset: Asset, { complain, document }: Judging): void {
  const names = assetNamesOf(document.value);
  asset.together.forEach((other, index) => {
    if (names.includes(other) && other !== asset.name) return;
    const near = nearest(other, names);
    const message =
      other === asset.name
        ? 'an asset is always together with itself'
        : `no asset is called \`${other}\``;
    complain(
      ['assets', asset.name, 'together', index],
      message,
      near === null || other === asset.name ? '' : `did you mean \`${near}\`?`,
    );
  });
}

function assetNamesOf(value: unknown): string[] {
  const assets =
    typeof value === 'object' && value !== null && 'assets' in value ? value.assets : {};
  return typeof assets === 'object' && assets !== null ? Object.keys(assets) : [];
}
