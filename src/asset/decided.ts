import type { Decision } from '../law/place.ts';
import { parsePlace } from '../law/reversal/place-name.ts';
import type { Reversal } from '../law/reversal/reversal.ts';
import type { MergeRequest } from './asset.ts';

/** What was decided for an asset's places: by a person first, else by the reversal file's `decide:`. */
export function decisionsOf(
  asset: string,
  request: Pick<MergeRequest, 'decisions' | 'reversal' | 'at'>,
): readonly Decision[] {
  const decided = new Set(request.decisions.map(({ place }) => place));
  const fromFile = reversalDecisions(asset, request.reversal, request.at);
  return [...request.decisions, ...fromFile.filter(({ place }) => !decided.has(place))];
}

function reversalDecisions(
  asset: string,
  reversal: Reversal | null,
  at: string,
): readonly Decision[] {
  if (reversal === null) return [];
  return Object.entries(reversal.decide).flatMap(([text, choice]) => {
    const full = parsePlace(text);
    if (full?.asset !== asset) return [];
    return [{ place: full.place, choice, by: 'reversal', at, evidence: reversal.file }];
  });
}
