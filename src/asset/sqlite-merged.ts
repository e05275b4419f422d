import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { removeTree } from '../host/whole-file.ts';
import type { TableDamage } from '../law/rows/damage.ts';
import type { MergeReport } from '../law/rows/merge.ts';
import type { MergeFiles } from '../law/rows/terms.ts';
import type { DamageCount, MergeRequest, MergeResult } from './asset.ts';
import { attributesAt, giveAttributes } from './attributes.ts';
import { parkedName } from './side.ts';
import { keepParked } from './sqlite-parked.ts';
import { oneWayOf, type DatabaseAsset } from './sqlite-terms.ts';

/** What a merge makes. */
export type MadeFiles = Pick<MergeFiles, 'result' | 'parked' | 'scratch'>;

export function resultFiles(
  { unit }: DatabaseAsset,
  { into, scratch }: Pick<MergeRequest, 'into' | 'scratch'>,
): MadeFiles {
  return {
    result: join(into, unit),
    parked: join(into, parkedName(unit)),
    scratch: join(scratch, 'bench.db'),
  };
}

export function removeMade(disk: Disk, { result, parked, scratch }: MadeFiles): void {
  for (const path of [result, parked, scratch]) {
    for (const companion of ['', '-journal', '-wal', '-shm']) removeTree(disk, path + companion);
  }
}

/** What was merged, with the live file's owner and mode, as an asset tells it. */
export function mergedResult(
  { disk }: Host,
  { asset, unit }: DatabaseAsset,
  {
    request,
    made,
    report,
  }: {
    readonly request: MergeRequest;
    readonly made: MadeFiles;
    readonly report: MergeReport;
  },
): MergeResult {
  const attributes =
    attributesAt(disk, request.latest.get(unit)) ?? attributesAt(disk, request.base.get(unit));
  const isOwned = attributes === null || giveAttributes(disk, made.result, attributes);
  const hasParked = keepParked(disk, made.parked, report.parkedPaths);
  return {
    units: new Map([[unit, made.result]]),
    outcome: report.outcome,
    damage: damageCounts(report.damage),
    oneWay: [...new Set([...oneWayOf(asset.name, request.reversal), ...unseenOf(request, report)])],
    questions: report.questions,
    parkedUnits: new Map(hasParked ? [[parkedName(unit), made.parked]] : []),
    notes: [
      ...renumberedNotes(asset.name, report),
      ...leftBehindNotes(asset.name, report),
      ...(isOwned ? [] : [`${asset.name}: this user may not give ${unit} its owner`]),
    ],
  };
}

function renumberedNotes(name: string, { renumbered }: MergeReport): readonly string[] {
  return renumbered.map(
    ({ table, id, newId }) =>
      `${name}.${table}: the row that was parked under ${id} is ${newId} now, since ${id} was given out again`,
  );
}

function leftBehindNotes(name: string, { leftBehind }: MergeReport): readonly string[] {
  return leftBehind.map(
    (what) =>
      `${name}: ${what} was made since by the application or its users and is not carried; it stays in the state that was left, and comes back with \`backstep return\` (a virtual table where \`rebuild:\` tells how)`,
  );
}

function unseenOf({ direction }: MergeRequest, { unseenTables }: MergeReport): readonly string[] {
  return direction === 'back' ? unseenTables : [];
}

/** Throws `asset/unreconciled`. */
export function requireReconciled({ asset }: DatabaseAsset, { discrepancies }: MergeReport): void {
  if (discrepancies.length === 0) return;
  const found = discrepancies.map(({ place, what, count }) => `${place}: ${what} (${count})`);
  throw new BackstepError('asset/unreconciled', {
    message: `${asset.name}: ${found.join('; ')}`,
    hint: 'this is a defect of Backstep, please report it; nothing was touched',
  });
}

function damageCounts(damage: MergeReport['damage']): Record<string, DamageCount> {
  return Object.fromEntries(
    Object.entries(damage)
      .filter(([, table]) => table.deleted + table.emptied + table.overwritten > 0)
      .map(([name, table]) => [name, damageCount(table)]),
  );
}

const losses = ['deleted', 'emptied', 'overwritten'] as const;

function damageCount({ rows, deleted, emptied, overwritten, parked }: TableDamage): DamageCount {
  const above = losses.filter((loss) => parked[loss]);
  return { total: rows, deleted, emptied, overwritten, parked: above };
}
