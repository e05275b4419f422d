import type { AssetOf } from '../manifest/manifest.ts';
import type { AssetHandler, Side } from './asset.ts';
import { mergeFiles } from './files-merge.ts';
import { listSide, openHashes } from './files-listing.ts';
import { surveyTree } from '../law/files/survey.ts';
import type { AssetContext, AssetKind } from './kind.ts';
import { captureFiles, ownedFiles, placesBelow } from './owned-files.ts';
import { readableCheck } from './readable.ts';

/** Files below one root, each kept or changed as a whole; links are kept as links. */
export const filesKind: AssetKind<'files'> = { open: openFiles };

function openFiles(asset: AssetOf<'files'>, context: AssetContext): AssetHandler {
  const { disk } = context.host;
  const live = (): Side => ownedFiles(asset, context);
  return {
    name: asset.name,
    live,
    placeOf: placesBelow(asset.root),
    heldFiles: () => 'seen',
    settle: () => {},
    capture: (writer, { as, sees }) => captureFiles(asset, context, { writer, as, sees }),
    survey: async ({ before, after }) => {
      const hashOf = openHashes(disk);
      const states = {
        before: listSide(disk, before, hashOf),
        after: listSide(disk, after, hashOf),
      };
      const { findings, renamedFolders } = surveyTree(states);
      const notes = renamedFolders.map(
        ({ old, renewed }) => `${asset.name}: the upgrade renamed the folder ${old} to ${renewed}`,
      );
      return { findings, oneWay: [], notes };
    },
    merge: async (request) => mergeFiles(context.host, asset, request),
    check: async (side, known) => [
      readableCheck(disk, { asset: asset.name, side, captured: known?.captured }),
    ],
  };
}
