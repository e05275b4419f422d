import type { Choice, Decision, ParkReason, Place } from '../place.ts';
import { isCovered, type DecisionAt, type Judged, type ParkedValue } from './merge.ts';
import { parsePath, placeOf, type Path } from './path.ts';

/** The decisions of a pair that speak of one document. */
export interface DocumentDecisions {
  readonly at: DecisionAt;
  /** What was decided for a path, by whom; the most specific one. */
  readonly find: (path: Path) => Decision | null;
}

export function decisionsFor(document: string, decisions: readonly Decision[]): DocumentDecisions {
  const known = decisions.flatMap((decision) => {
    const path = pathWithin(document, decision.place);
    return path === null ? [] : [{ path, decision }];
  });
  known.sort((one, other) => other.path.length - one.path.length);
  const find = (path: Path): Decision | null =>
    known.find((entry) => isCovered(path, entry.path))?.decision ?? null;
  return { find, at: (path): Choice | null => find(path)?.choice ?? null };
}

function pathWithin(document: string, place: Place): Path | null {
  if (place === document) return [];
  return place.startsWith(`${document}#`) ? parsePath(place.slice(document.length + 1)) : null;
}

/** The decisions that were used, with those that the law took by default. */
export function decisionsUsed(
  judged: readonly Judged[],
  { find }: DocumentDecisions,
  { document, at, parked }: { document: string; at: string; parked: readonly ParkedValue[] },
): Decision[] {
  const used = new Map<Place, Decision>();
  for (const { path, choice } of judged) {
    const made = find(path);
    const fields = path.filter((step) => typeof step === 'string');
    const place = made?.place ?? placeOf(document, fields);
    const why = parked.find((value) => isCovered(value.path, fields))?.why ?? 'rewritten';
    const byDefault = { place, choice, by: 'default', at, evidence: evidenceFor[why] };
    if (!used.has(place)) used.set(place, made ?? byDefault);
  }
  return [...used.values()];
}

const evidenceFor: Readonly<Record<ParkReason, string>> = {
  blind: 'the old shape has no such place',
  rewritten: 'the upgrade changed what stands there',
  unproven: 'nothing shows what it means to the old release',
  refused: 'the old shape cannot hold it',
  reference: 'it refers to what was parked',
  damage: 'more was deleted or overwritten than the limit allows',
  stale: 'it was written again later',
};
