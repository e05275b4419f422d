import { join } from 'node:path/posix';
import type { Host } from '../host/host.ts';
import type { Outcome, ParkReason } from '../law/place.ts';
import type { Disk } from '../host/disk.ts';
import type { AssetSurvey, MergeResult, SurveyRequest } from './asset.ts';
import { copyWhole } from './attributes.ts';
import { sameContent } from './content.ts';
import { nothingCarried, parkedOutcome, quietOutcome, resultOf } from './outcome.ts';
import { parkedName } from './side.ts';
import { placeUnit, type MergedUnit } from './unit-states.ts';

/**
 * The law for a unit that is not looked into: unchanged since origin, it is as base has it; changed where the
 * switch left it alone, it is the user's; changed in both, the user's is parked and base's stays.
 */
export function mergeWhole(
  host: Host,
  merged: MergedUnit & { readonly name: string },
): MergeResult {
  const { disk } = host;
  const { base, origin, latest } = merged.states;
  if (isEqual(host, origin, latest)) return resultOf({ units: placeUnit(disk, merged, base) });
  if (isEqual(host, base, origin)) return carryOne(host, merged);
  if (isEqual(host, base, latest)) return resultOf({ units: placeUnit(disk, merged, latest) });
  return parkOne(host, merged, base === undefined ? 'blind' : 'rewritten');
}

/** The user's unit, or its absence. */
export function carryOne({ disk }: Host, merged: MergedUnit): MergeResult {
  const units = placeUnit(disk, merged, merged.states.latest);
  return resultOf({ units, outcome: carriedOutcome(merged) });
}

/** Base's unit stays; the user's is kept beside the results. */
export function parkOne(
  { disk }: Host,
  merged: MergedUnit & { readonly name: string },
  why: ParkReason,
): MergeResult {
  const { unit, name, request } = merged;
  const { base, latest } = merged.states;
  const parked = join(request.into, parkedName(unit));
  if (latest !== undefined) copyWhole(disk, latest, parked);
  return resultOf({
    units: placeUnit(disk, merged, base),
    outcome: parkedOutcome([{ what: name, count: 1, why }]),
    parkedUnits: new Map(latest === undefined ? [] : [[parkedName(unit), parked]]),
  });
}

function isEqual({ disk }: Host, a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameContent(disk, a, b);
}

function carriedOutcome({ states: { base, latest } }: MergedUnit): Outcome {
  const act = base === undefined ? 'inserted' : latest === undefined ? 'deleted' : 'updated';
  return { ...quietOutcome, carried: { ...nothingCarried, [act]: 1 } };
}

/** What the upgrade did to files that are never looked into. */
export function surveyWhole(disk: Disk, { before, after }: SurveyRequest): AssetSurvey {
  const units = [...new Set([...before.keys(), ...after.keys()])].sort();
  const findings = units.map((place) => {
    const [old, renewed] = [before.get(place), after.get(place)];
    const isInBoth = old !== undefined && renewed !== undefined;
    const isSame = isInBoth && sameContent(disk, old, renewed);
    return {
      place,
      faith: isSame ? 'faithful' : isInBoth ? 'rewritten' : 'blind',
      sameCount: isSame ? 1 : 0,
      differentCount: isSame ? 0 : 1,
      provenMap: null,
    } as const;
  });
  return { findings, oneWay: [], notes: [] };
}
