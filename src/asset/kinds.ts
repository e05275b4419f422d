import type { AssetKindName } from '../manifest/kinds/kinds.ts';
import type { Asset, Manifest } from '../manifest/manifest.ts';
import type { AssetHandler, AssetSurroundings } from './asset.ts';
import { commandKind } from './command.ts';
import { filesKind } from './files.ts';
import { jsonKind } from './json.ts';
import type { AssetContext, AssetKind } from './kind.ts';
import { releaseKind } from './release.ts';
import { serviceKind } from './service.ts';
import { sqliteKind } from './sqlite.ts';

/** Every way of holding state. One line each. */
export const assetKinds = {
  json: jsonKind,
  files: filesKind,
  sqlite: sqliteKind,
  release: releaseKind,
  service: serviceKind,
  command: commandKind,
} satisfies { readonly [Name in AssetKindName]: AssetKind<Name> };

/** A handler for each asset, in the manifest's order. */
export function openAssets(
  manifest: Manifest,
  surroundings: AssetSurroundings,
): readonly AssetHandler[] {
  const context = { ...surroundings, manifest };
  return Object.values(manifest.assets).map((asset) => openAsset(asset, context));
}

function openAsset(asset: Asset, context: AssetContext): AssetHandler {
  switch (asset.kind) {
    case 'json':
      return assetKinds.json.open(asset, context);
    case 'sqlite':
      return assetKinds.sqlite.open(asset, context);
    case 'release':
      return assetKinds.release.open(asset, context);
    case 'files':
      return assetKinds.files.open(asset, context);
    case 'service':
      return assetKinds.service.open(asset, context);
    case 'command':
      return assetKinds.command.open(asset, context);
  }
}
