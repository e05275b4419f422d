import { dirname, join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { makeFolders } from '../host/whole-file.ts';
import { healDisplaced } from '../law/rows/heal/heal.ts';
import { keepDamageListed } from '../law/rows/heal/refused-damage.ts';
import type { MergeRequest, MergeResult } from './asset.ts';
import { parkedName } from './side.ts';
import { workingFile } from './sqlite-file.ts';
import { surveyTermsOf, type DatabaseAsset } from './sqlite-terms.ts';

/** A working file of this name is no side's own. */
export const healedName = 'healed.db';

/** The base of a return without the damage that the rollback refused. */
export interface HealedBase {
  readonly path: string;
  /** What that rollback parked: still listed, since it is not restored. */
  readonly parked: string;
  readonly notes: readonly string[];
}

/** Null where the rollback refused no damage of this database, or where it is not known what it did. */
export async function healBase(
  { disk }: Host,
  { asset, unit }: DatabaseAsset,
  { request, base }: { readonly request: MergeRequest; readonly base: string },
): Promise<HealedBase | null> {
  const { rolledBack, scratch, direction } = request;
  const parked = rolledBack?.parked.get(parkedName(unit));
  if (direction !== 'forth' || rolledBack === undefined || parked === undefined) return null;
  const after = workingFile(disk, rolledBack.after, { unit, path: join(scratch, 'after.db') });
  if (after === null) return null;
  const path = join(scratch, healedName);
  const { lenses } = surveyTermsOf(asset.name, request.reversal);
  const healed = await healDisplaced({ displaced: base, after, parked, healed: path }, lenses);
  if (healed === null) return null;
  const { rowCount, cellCount, leftCount } = healed;
  const notes = [
    `${asset.name}: damage that was refused is not restored: ${rowCount} rows and ${cellCount} cells stand as right after the upgrade`,
    ...(leftCount === 0
      ? []
      : [`${asset.name}: ${leftCount} of the damaged rows and cells could not be put back`]),
  ];
  return { path, parked, notes };
}

/** The same result, with the refused damage listed in it and kept with what it parked. */
export function listRefused(
  disk: Disk,
  result: MergeResult,
  {
    healed,
    request,
    unit,
  }: { readonly healed: HealedBase; readonly request: MergeRequest } & Pick<DatabaseAsset, 'unit'>,
): MergeResult {
  const name = parkedName(unit);
  const path = result.parkedUnits.get(name) ?? join(request.into, name);
  makeFolders(disk, dirname(path), 0o700);
  const refused = keepDamageListed(healed.parked, path);
  disk.chmod(path, 0o600);
  return {
    ...result,
    outcome: { ...result.outcome, parked: [...result.outcome.parked, ...refused] },
    parkedUnits: new Map([...result.parkedUnits, [name, path]]),
    notes: [...healed.notes, ...result.notes],
  };
}
