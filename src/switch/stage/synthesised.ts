import type { Pair } from '../book.ts';
import type { StagedAsset } from './staged.ts';

/** Notes, asset by asset, what a pair that was made of a backup cannot know. */
export function withUnknown(made: readonly StagedAsset[], pair: Pair): StagedAsset[] {
  return made.map((asset) => {
    const places = pair.unknown?.[asset.name] ?? [];
    return places.length === 0
      ? asset
      : { ...asset, notes: [...asset.notes, unknownNote(asset.name, places)] };
  });
}

/** What a person reads of places that an upgrade dropped before Backstep came. */
export function unknownNote(asset: string, places: readonly string[]): string {
  return `${asset}: what was written to ${places.join(', ')} between the backup and the upgrade is not known; the backup's values stand`;
}
