import type { AssetKindName } from '../manifest/kinds/kinds.ts';
import type { AssetOf, Manifest } from '../manifest/manifest.ts';
import type { AssetHandler, AssetSurroundings } from './asset.ts';

/** What a handler is made with. */
export interface AssetContext extends AssetSurroundings {
  readonly manifest: Manifest;
}

/** One way of holding state. One file and one line in `kinds.ts` each. */
export interface AssetKind<Name extends AssetKindName> {
  open(asset: AssetOf<Name>, context: AssetContext): AssetHandler;
}
