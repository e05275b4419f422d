import { basename, dirname, join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import { makeFolders } from '../host/whole-file.ts';
import { mergeDatabases } from '../law/rows/merge.ts';
import { renumberLater } from '../law/rows/references/later-ids.ts';
import { placePart } from '../law/rows/part/place-part.ts';
import { isDamageError } from '../sqlite/database.ts';
import type { MergeRequest, MergeResult, Side } from './asset.ts';
import { attributesAt, copyWhole, giveAttributes, sameAttributes } from './attributes.ts';
import { sameContent } from './content.ts';
import { asOrigin } from './floor.ts';
import { refuseDamagedPart, requireWholeStates } from './sqlite-part.ts';
import { parkedOutcome, resultOf } from './outcome.ts';
import { parkedFolder, parkedName } from './side.ts';
import { damageOf, isWaiting, workingFile } from './sqlite-file.ts';
import { capturedFloor } from './sqlite-floor.ts';
import { healBase, healedName, listRefused } from './sqlite-heal.ts';
import { mergedResult, removeMade, requireReconciled, resultFiles } from './sqlite-merged.ts';
import { salvage } from './sqlite-salvage.ts';
import { mergeTermsOf, type DatabaseAsset } from './sqlite-terms.ts';

/** The three states of one database, in the working folder. */
interface States {
  readonly base: string;
  readonly origin: string;
  readonly latest: string;
}

/**
 * Merges one database. A damaged `latest` is salvaged first; what cannot be read of it stands as in the newest captured
 * state that is sound, and is never taken for deleted. Throws `law/…`, `asset/damaged` where base or origin is damaged, `asset/unreconciled`.
 */
export async function mergeSqlite(
  host: Host,
  database: DatabaseAsset,
  request: MergeRequest,
): Promise<MergeResult> {
  const { disk } = host;
  const { unit } = database;
  const file = (side: Side, name: string): string | null =>
    workingFile(disk, side, { unit, path: join(request.scratch, name) });
  const [base, origin] = [file(request.base, 'base.db'), file(request.origin, 'origin.db')];
  const later = withBaseIds(host, database, {
    request,
    states: { base, origin, latest: file(request.latest, 'latest.db') },
  });
  const { latest } = later;
  if (request.parts !== undefined) requireWholeStates(database, [base, origin, latest]);
  if (base === null) return parkWhole(host, database, { request, latest });
  if (origin === null) {
    const parked = parkWhole(host, database, { request, latest });
    return { ...parked, units: placeBase(host, database, { request, base }) };
  }
  const healed = await healBase(host, database, { request, base });
  const states = { base: healed?.path ?? base, origin, latest };
  const made = await mergeStates(host, database, { request, states });
  const merged = { ...made, notes: [...later.notes, ...made.notes] };
  return healed === null ? merged : listRefused(disk, merged, { healed, request, unit });
}

/** The latest state, in which no row made since has an id that base has given out, where that is asked for. */
function withBaseIds(
  { disk }: Host,
  { asset }: DatabaseAsset,
  {
    request,
    states,
  }: {
    readonly request: MergeRequest;
    readonly states: { readonly [name in keyof States]: string | null };
  },
): { readonly latest: string | null; readonly notes: readonly string[] } {
  const { base, origin, latest } = states;
  if (request.keepsBaseIds !== true || base === null || origin === null || latest === null) {
    return { latest, notes: [] };
  }
  const path = join(request.scratch, 'later-ids.db');
  disk.copy(latest, path);
  try {
    const notes = renumberLater({ base, origin, latest: path }).map(
      ({ table, id, newId }) =>
        `${asset.name}.${table}: the row that was made under ${id} is ${newId} now, since ${id} had been given out before`,
    );
    return { latest: path, notes };
  } catch (error) {
    // What is damaged is salvaged by the merge.
    if (!isDamageError(error)) throw error;
    return { latest, notes: [] };
  }
}

interface Merging {
  readonly request: MergeRequest;
  readonly states: Omit<States, 'latest'> & { readonly latest: string | null };
}

async function mergeStates(
  host: Host,
  database: DatabaseAsset,
  { request, states }: Merging,
): Promise<MergeResult> {
  const { base, origin, latest } = states;
  if (latest === null) {
    const gone = `${database.asset.name}: the database is gone; none of it is taken for deleted`;
    const floor = capturedFloor(host, database, { request, origin });
    if (floor === null) {
      return resultOf({ units: placeBase(host, database, { request, base }), notes: [gone] });
    }
    const merging = { request, states: { base, origin, latest: floor.path } };
    const merged = await mergeOrSalvage(host, database, merging);
    return { ...merged, notes: [`${gone}; it stands ${floor.as}`, ...merged.notes] };
  }
  if (request.parts === undefined && sameContent(host.disk, origin, latest)) {
    return resultOf({ units: placeBase(host, database, { request, base }) });
  }
  return mergeOrSalvage(host, database, { request, states: { base, origin, latest } });
}

interface SoundMerging {
  readonly request: MergeRequest;
  readonly states: States;
}

async function mergeOrSalvage(
  host: Host,
  database: DatabaseAsset,
  merging: SoundMerging,
): Promise<MergeResult> {
  const damage = damageOf(merging.states.latest);
  if (damage !== null) refuseDamagedPart(database, merging.request, damage);
  if (damage === null) {
    try {
      return await mergeSound(host, database, merging);
    } catch (error) {
      if (!isDamageError(error)) throw error;
      refuseDamagedPart(database, merging.request, error.message);
      requireSound(database, merging.states);
      clearResults(host, database, merging.request);
    }
  }
  requireSound(database, merging.states);
  const { asset, unit } = database;
  const { origin, latest } = merging.states;
  const { request } = merging;
  const path = join(request.scratch, 'salvaged.db');
  const captured = capturedFloor(host, database, { request, origin });
  const floor = captured ?? { path: origin, as: asOrigin };
  const saved = await salvage(host.disk, { floor, latest, path });
  const notes = saved.notes.map((note) => `${asset.name}: ${note}`);
  const states = { ...merging.states, latest: path };
  const merged = await mergeSound(host, database, { ...merging, states });
  const kept = join(request.into, parkedName(`${unit}.damaged`));
  copyWhole(host.disk, latest, kept);
  return {
    ...merged,
    parkedUnits: new Map([...merged.parkedUnits, [parkedName(`${unit}.damaged`), kept]]),
    notes: [...notes, ...merged.notes],
  };
}

/** Only `latest` may be damaged: the other two are what the result is made from. */
function requireSound({ asset }: DatabaseAsset, { base, origin }: States): void {
  for (const [which, path] of [
    ['to return to', base],
    ['right after the last switch', origin],
  ] as const) {
    const damage = damageOf(path);
    if (damage === null) continue;
    throw new BackstepError('asset/damaged', {
      message: `${asset.name}: the database of the state ${which} is damaged: ${damage}`,
      hint: 'run `backstep verify`, and choose an older state with --as-of or --to; nothing was touched',
    });
  }
}

function clearResults({ disk }: Host, database: DatabaseAsset, request: MergeRequest): void {
  removeMade(disk, resultFiles(database, request));
}

async function mergeSound(
  host: Host,
  database: DatabaseAsset,
  { request, states }: SoundMerging,
): Promise<MergeResult> {
  const { disk } = host;
  const { parts } = request;
  const made = resultFiles(database, request);
  const merged = parts === undefined ? made.result : join(request.scratch, 'merged.db');
  makeFolders(disk, join(request.into, parkedFolder), 0o700);
  const only = parts === undefined ? {} : { only: new Set(parts) };
  const terms = { ...mergeTermsOf(database, request, states.base), ...only, disk };
  const report = await mergeDatabases({ ...states, ...made, result: merged }, terms);
  requireReconciled(database, report);
  if (parts !== undefined) {
    placePart(disk, { merged, latest: states.latest, result: made.result }, parts);
  }
  return mergedResult(host, database, { request, made, report });
}

/** The wanted shape has no such database: what the other one holds in it is parked as it is. */
function parkWhole({ disk }: Host, { unit }: DatabaseAsset, parking: Parking): MergeResult {
  if (parking.latest === null) return resultOf({});
  const path = join(parking.request.into, parkedName(unit));
  makeFolders(disk, dirname(path), 0o700);
  disk.copy(parking.latest, path);
  return resultOf({
    outcome: parkedOutcome([{ what: unit, count: 1, why: 'blind' }]),
    parkedUnits: new Map([[parkedName(unit), path]]),
  });
}

interface Parking {
  readonly request: MergeRequest;
  /** The latest state's working file. */
  readonly latest: string | null;
}

interface Placing {
  readonly request: MergeRequest;
  /** The base's working file. */
  readonly base: string;
}

/**
 * Base's database as it lies, where nothing waits beside it, its owner and mode are the live ones, and no damage had
 * to be undone in it.
 */
function placeBase({ disk }: Host, { unit }: DatabaseAsset, { request, base }: Placing): Side {
  const isHealed = basename(base) === healedName;
  const lies = isHealed ? base : (request.base.get(unit) ?? base);
  const there = attributesAt(disk, lies);
  const wanted = attributesAt(disk, request.latest.get(unit)) ?? there;
  const isAsWanted = wanted === null || there === null || sameAttributes(wanted, there);
  if (isAsWanted && !isHealed && !isWaiting(request.base, unit)) return new Map([[unit, lies]]);
  const path = join(request.into, unit);
  copyWhole(disk, base, path);
  if (wanted !== null) giveAttributes(disk, path, wanted);
  return new Map([[unit, path]]);
}
