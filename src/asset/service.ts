import type { Disk } from '../host/disk.ts';
import type { AssetOf } from '../manifest/manifest.ts';
import type { AssetHandler, MergeRequest, MergeResult, Side, UnitName } from './asset.ts';
import { sameContent } from './content.ts';
import { decisionsOf } from './decided.ts';
import type { AssetKind } from './kind.ts';
import { joinResults, resultOf } from './outcome.ts';
import { readableCheck } from './readable.ts';
import { placeUnit, statesOf } from './unit-states.ts';
import { carryOne, parkOne, surveyWhole } from './whole-unit.ts';

/**
 * Unit files and start-up settings, each a whole. A unit's name is its absolute path without the first `/`. A
 * manager without files of its own has no units.
 */
export const serviceKind: AssetKind<'service'> = {
  open: (asset, { host }): AssetHandler => {
    const live = (): Side => liveUnits(host.disk, asset);
    return {
      name: asset.name,
      live,
      placeOf: (unit) => `/${unit}`,
      heldFiles: () => [],
      settle: () => {},
      capture: async (writer, { as }) => {
        for (const [unit, path] of live()) writer.addTree(path, { as: `${as}/${unit}` });
      },
      survey: async (request) => surveyWhole(host.disk, request),
      merge: async (request) => {
        const { base, origin, latest } = request;
        const units = new Set([...base.keys(), ...origin.keys(), ...latest.keys()]);
        return joinResults(
          [...units].sort().map((unit) => mergeUnit(host, asset.name, { unit, request })),
        );
      },
      check: async (side) => [readableCheck(host.disk, { asset: asset.name, side })],
    };
  },
};

function liveUnits(disk: Disk, { files }: AssetOf<'service'>): Side {
  const units = files.flatMap((path): [UnitName, string][] => {
    const kind = disk.lstat(path)?.kind;
    return kind === 'file' || kind === 'link' ? [[path.slice(1), path]] : [];
  });
  return new Map(units);
}

interface Merging {
  readonly unit: UnitName;
  readonly request: MergeRequest;
}

/** Edited since the switch: a conflict, for which base's stands unless somebody decided otherwise. */
function mergeUnit(
  host: Parameters<typeof parkOne>[0],
  asset: string,
  { unit, request }: Merging,
): MergeResult {
  const states = statesOf(request, unit);
  const { base, origin, latest } = states;
  const merged = { unit, request, states, name: unit };
  const isSame = (a: string | undefined, b: string | undefined): boolean =>
    a === undefined || b === undefined ? a === b : sameContent(host.disk, a, b);
  if (isSame(latest, origin) || isSame(latest, base)) {
    return resultOf({ units: placeUnit(host.disk, merged, base) });
  }
  const decision = decisionsOf(asset, request).find(({ place }) => place === unit);
  if (decision?.choice === 'as-is') {
    const carried = carryOne(host, merged);
    return { ...carried, outcome: { ...carried.outcome, decisions: [decision] } };
  }
  const kept = parkOne(host, merged, 'refused');
  const note = `${asset}: /${unit} was edited since the switch; the former one stands, the edited one is kept`;
  return { ...kept, notes: [note] };
}
