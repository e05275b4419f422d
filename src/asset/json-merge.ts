import type { Host } from '../host/host.ts';
import { returnDocument } from '../law/json/return.ts';
import { isOneWay, type DocumentReversal } from '../law/json/reversal.ts';
import { rollBackDocument, type ParkedEntry } from '../law/json/rollback.ts';
import { partOfDocument } from '../law/json/part.ts';
import { placeOf } from '../law/json/path.ts';
import type { OpenQuestion, ParkedCount } from '../law/place.ts';
import type { AssetOf } from '../manifest/manifest.ts';
import type { DamageCount, MergeRequest, MergeResult, UnitName } from './asset.ts';
import { decisionsOf } from './decided.ts';
import { floorOf } from './floor.ts';
import { troubleOf } from './json-check.ts';
import { parkFile, parkValues, readValues } from './json-parked.ts';
import { bytesOf, reversalOf } from './json-unit.ts';
import { joinResults, parkedOutcome, resultOf } from './outcome.ts';
import { placeUnit, statesOf, type UnitStates } from './unit-states.ts';
import { mergeWhole } from './whole-unit.ts';

/** One document on its way: its name in places, its three states and the request that it is part of. */
export interface Document {
  readonly unit: UnitName;
  /** `asset/unit`. */
  readonly name: string;
  readonly states: UnitStates;
  readonly request: MergeRequest;
}

/** Merges an asset's documents one by one. */
export async function mergeDocuments(
  host: Host,
  asset: AssetOf<'json'>,
  request: MergeRequest,
): Promise<MergeResult> {
  const { base, origin, latest } = request;
  const units = [...new Set([...base.keys(), ...origin.keys(), ...latest.keys()])].sort();
  const results: MergeResult[] = [];
  for (const unit of units) {
    const states = statesOf(request, unit);
    const document = { unit, name: `${asset.name}/${unit}`, states, request };
    results.push(await mergeDocument(host, asset, document));
  }
  return joinResults(results);
}

async function mergeDocument(
  host: Host,
  asset: AssetOf<'json'>,
  document: Document,
): Promise<MergeResult> {
  const { disk } = host;
  const { states, request, name } = document;
  const paths = [states.base, states.origin, states.latest].filter((path) => path !== undefined);
  if (paths.some((path) => disk.lstat(path)?.kind === 'link')) return mergeWhole(host, document);
  const trouble = (path: string | undefined): string | null => {
    const bytes = bytesOf(disk, path);
    return bytes === null ? null : troubleOf(bytes, name);
  };
  const broken = trouble(states.base) ?? trouble(states.origin);
  if (broken !== null) {
    const whole = mergeWhole(host, document);
    return { ...whole, notes: [`${broken}; it is kept or taken as a whole`, ...whole.notes] };
  }
  const damage = trouble(states.latest);
  if (damage !== null) return mergeDamaged(host, asset, { document, damage });
  if (states.base === undefined && states.origin !== undefined)
    return parkOnlyOther(host, document);
  return request.direction === 'back' ? rollBack(host, asset, document) : goForth(host, document);
}

/**
 * What does not parse stands as in the newest captured state in which it does, and where there is none takes its base; the
 * damaged bytes are kept.
 */
async function mergeDamaged(
  host: Host,
  asset: AssetOf<'json'>,
  { document, damage }: { readonly document: Document; readonly damage: string },
): Promise<MergeResult> {
  const { disk } = host;
  const { unit, name, states, request } = document;
  const floor = floorOf(request, ({ side }) => {
    const path = side.get(unit);
    const bytes = bytesOf(disk, path);
    return bytes === null || troubleOf(bytes, name) !== null ? null : (path ?? null);
  });
  if (floor === null) return refuseDamaged(host, document, damage);
  const captured = { ...document, states: { ...states, latest: floor.path } };
  const merged = await mergeDocument(host, asset, captured);
  return joinResults([
    resultOf({
      outcome: parkedOutcome([{ what: name, count: 1, why: 'damage' }]),
      parkedUnits: parkFile(disk, document),
      notes: [`${damage}; the file stands ${floor.as}, its damaged bytes are kept`],
    }),
    merged,
  ]);
}

function refuseDamaged(host: Host, document: Document, damage: string): MergeResult {
  const { states, name } = document;
  const parkedUnits = parkFile(host.disk, document);
  const isBack = states.base !== undefined;
  return resultOf({
    units: isBack ? placeUnit(host.disk, document, states.base) : new Map(),
    outcome: parkedOutcome([{ what: name, count: 1, why: 'damage' }]),
    parkedUnits,
    notes: [
      `${damage}; ${isBack ? 'the file takes its former state' : 'the file is left out'}, its damaged bytes are kept`,
    ],
  });
}

/** A file that only the release that is left knows. */
function parkOnlyOther(host: Host, document: Document): MergeResult {
  if (document.states.latest === undefined) return resultOf({});
  return resultOf({
    outcome: parkedOutcome([{ what: document.name, count: 1, why: 'blind' }]),
    parkedUnits: parkFile(host.disk, document),
  });
}

async function rollBack(
  { disk }: Host,
  asset: AssetOf<'json'>,
  document: Document,
): Promise<MergeResult> {
  const { name, states, request } = document;
  const { share, rows, unattended } = asset.carryLimit;
  const contents = {
    before: bytesOf(disk, states.base),
    after: bytesOf(disk, states.origin),
    now: bytesOf(disk, states.latest),
  };
  const decisions = decisionsOf(asset.name, request);
  const isWork = decisions.some(({ place, choice }) => place === name && choice === 'as-is');
  const whole = await rollBackDocument(contents, {
    name,
    reversal: undecidedPart(reversalOf(request.reversal, name), document),
    decisions,
    at: request.at,
    ...(unattended === 'park' && !isWork ? { carryLimit: { share, values: rows } } : {}),
  });
  const paths = pathsOf(document);
  const merged =
    paths.length === 0 ? whole : partOfDocument(whole, { name, states: contents, paths });
  const isRefused = merged.parked.some(({ why }) => why === 'damage');
  const damage = damageCount(merged.damage, isRefused);
  return {
    units: placeUnit(disk, document, merged.bytes),
    outcome: merged.outcome,
    damage: damage === null ? {} : { [name]: damage },
    oneWay: merged.oneWay,
    parkedUnits: parkValues(disk, document, merged.parked),
    notes: merged.faults.map((fault) => fault.message),
    questions: decisions.some(({ place, by }) => place === name && by !== 'default')
      ? []
      : damageQuestion(name, damage),
  };
}

function damageQuestion(place: string, damage: DamageCount | null): OpenQuestion[] {
  if (damage === null || damage.parked.length === 0) return [];
  const count = Math.max(...damage.parked.map((loss) => damage[loss]));
  return [{ kind: 'damage', place, count, total: damage.total, choices: ['park', 'as-is'] }];
}

/** Without the entries of places that a person decided about: that is the last word. */
function undecidedPart(
  { entries }: DocumentReversal,
  { name, request }: Document,
): DocumentReversal {
  const said = new Set(
    request.decisions.flatMap(({ place, by }) => (by === 'operator' ? [place] : [])),
  );
  return { entries: entries.filter(({ old }) => !said.has(placeOf(name, old))) };
}

/** The paths of a document that are named alone. */
function pathsOf({ unit, request }: Document): string[] {
  const start = `${unit}#`;
  return (request.parts ?? []).flatMap((part) =>
    part.startsWith(start) ? [part.slice(start.length)] : [],
  );
}

const losses = ['deleted', 'emptied', 'overwritten'] as const;

function damageCount(counts: Omit<DamageCount, 'parked'>, isRefused: boolean): DamageCount | null {
  const found = losses.filter((loss) => counts[loss] > 0);
  return found.length === 0 ? null : { ...counts, parked: isRefused ? found : [] };
}

async function goForth({ disk }: Host, document: Document): Promise<MergeResult> {
  const { name, unit, states, request } = document;
  const { rolledBack } = request;
  const reversal = reversalOf(request.reversal, name);
  const pair = rolledBack ?? { before: request.origin, after: request.base };
  const parked = rolledBack === undefined ? [] : readValues(disk, rolledBack.parked, unit);
  const merged = await returnDocument(
    {
      before: readable(disk, pair.before.get(unit), name),
      after: readable(disk, pair.after.get(unit), name),
      displaced: bytesOf(disk, states.base),
      settled: bytesOf(disk, states.origin),
      now: bytesOf(disk, states.latest),
    },
    { name, reversal, parked },
  );
  const kept = [...merged.parked, ...merged.stale];
  const outcome = {
    ...merged.outcome,
    parked: [...merged.outcome.parked, ...countEntries(merged.stale)],
  };
  const oneWay = reversal.entries.filter(isOneWay).map((entry) => placeOf(name, entry.old));
  return resultOf({
    units: placeUnit(disk, document, merged.bytes),
    outcome,
    oneWay,
    parkedUnits: parkValues(disk, document, kept),
    notes: merged.faults.map((fault) => fault.message),
  });
}

/** A state of the pair that does not parse tells nothing. */
function readable(disk: Host['disk'], path: string | undefined, name: string): Buffer | null {
  const bytes = bytesOf(disk, path);
  return bytes === null || troubleOf(bytes, name) !== null ? null : bytes;
}

function countEntries(entries: readonly ParkedEntry[]): ParkedCount[] {
  const groups = Map.groupBy(entries, ({ place, why }) => `${why} ${place}`);
  return [...groups.values()].flatMap((group) =>
    group[0] === undefined
      ? []
      : [{ what: group[0].place, count: group.length, why: group[0].why }],
  );
}
