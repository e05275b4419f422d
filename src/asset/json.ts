import type { AssetOf } from '../manifest/manifest.ts';
import type { AssetHandler, Side } from './asset.ts';
import type { AssetContext, AssetKind } from './kind.ts';
import { checkDocuments } from './json-check.ts';
import { mergeDocuments } from './json-merge.ts';
import { surveyDocuments } from './json-survey.ts';
import { captureFiles, ownedFiles, placesBelow } from './owned-files.ts';

/** JSON documents below one root; each file that matches the asset's patterns is a unit. */
export const jsonKind: AssetKind<'json'> = { open: openJson };

function openJson(asset: AssetOf<'json'>, context: AssetContext): AssetHandler {
  const live = (): Side => ownedFiles(asset, context);
  return {
    name: asset.name,
    live,
    placeOf: placesBelow(asset.root),
    heldFiles: () => 'seen',
    settle: () => {},
    capture: (writer, { as, sees }) => captureFiles(asset, context, { writer, as, sees }),
    survey: (request) => surveyDocuments(context.host, asset, request),
    merge: (request) => mergeDocuments(context.host, asset, request),
    check: (side) => Promise.resolve(checkDocuments(context.host, asset.name, side)),
  };
}
