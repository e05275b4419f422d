import type { BackstepError } from '../../fault/backstep-error.ts';
import type { Decision, Outcome, ParkReason, Place } from '../place.ts';
import { countDamage, withoutDamage, type CarryLimit, type DamageCounts } from './damage.ts';
import { decisionsFor, decisionsUsed, type DocumentDecisions } from './decisions.ts';
import { countChanges } from './diff.ts';
import { readDocument, type JsonDocument } from './document.ts';
import { mergeLayers, type LayeredMerge } from './layers.ts';
import { formatPath, placeOf, type Path } from './path.ts';
import { isReconciled } from './reconcile.ts';
import { isOneWay, noReversal, type DocumentReversal } from './reversal.ts';
import type { Json } from './value.ts';
import { compactText, writeLike } from './write.ts';

/** The bytes of one document in the three states; null where a state has no such file. */
export interface DocumentStates {
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
  readonly now: Uint8Array | null;
}

export interface DocumentRollback {
  /** The document's name in places: `configuration/config.json`. */
  readonly name: string;
  readonly reversal?: DocumentReversal;
  readonly decisions?: readonly Decision[];
  /** When defaults are taken: ISO 8601, UTC. */
  readonly at: string;
  /** Absent: damage is counted, and carried. */
  readonly carryLimit?: CarryLimit;
}

/** A change that the old document does not hold, to be kept until the new release is back. */
export interface ParkedEntry {
  readonly place: Place;
  /** Where it stands in the new document, if that is elsewhere. */
  readonly newPlace: Place | null;
  /** JSON text; null where the user deleted the place. */
  readonly value: string | null;
  readonly why: ParkReason;
}

export interface RolledBackDocument {
  /** `before`'s exact bytes where nothing was carried; null where the old state has no such file. */
  readonly bytes: Uint8Array | null;
  readonly outcome: Outcome;
  readonly parked: readonly ParkedEntry[];
  /** Places whose later changes will not reach the new release again. */
  readonly oneWay: readonly Place[];
  /** Places into which changes were carried though there was nothing to compare. */
  readonly unproven: readonly Place[];
  readonly damage: DamageCounts;
  /** The old release knows no such file. */
  readonly isOnlyNew: boolean;
  /** Expressions that failed on these documents; what they would have carried is parked. */
  readonly faults: readonly BackstepError[];
}

/**
 * The old document plus what users changed since: `before ⊕ diff(after, now)`, in the old shape.
 * Nothing is asked: what is not decided is parked. Throws BackstepError `document/*` where one of the
 * three is no JSON.
 */
export async function rollBackDocument(
  states: DocumentStates,
  options: DocumentRollback,
): Promise<RolledBackDocument> {
  const { name, reversal = noReversal } = options;
  const decisions = decisionsFor(name, options.decisions ?? []);
  const before = read(states.before, `${name} (before)`);
  const after = read(states.after, `${name} (after)`)?.root;
  const latest = read(states.now, `${name} (now)`);
  const { now, parked: damaged } = withoutDamage(after, latest?.root, options.carryLimit ?? null);
  const triple = { before: before?.root, after, now };
  const layered = await mergeLayers(triple, reversal, decisions.at);
  const refused = damaged.map((value) => ({ ...value, newPath: value.path }));
  const merged = { ...layered, parked: [...refused, ...layered.parked] };
  const reconciled = isReconciled(merged, { ...triple, now: latest?.root }, reversal);
  return {
    bytes: bytesOf(merged.value, before ?? latest),
    outcome: { ...outcomeOf(merged, options, decisions), reconciled },
    parked: merged.parked.map((value) => parkedEntry(name, value)),
    oneWay: reversal.entries.filter(isOneWay).map((entry) => placeOf(name, entry.old)),
    unproven: merged.unproven.map((path) => placeOf(name, path)),
    damage: countDamage(after, latest?.root),
    isOnlyNew: before === null && after !== undefined,
    faults: merged.faults,
  };
}

function read(bytes: Uint8Array | null, name: string): JsonDocument | null {
  return bytes === null ? null : readDocument(bytes, name);
}

function bytesOf(value: Json | undefined, template: JsonDocument | null): Uint8Array | null {
  return value === undefined || template === null ? null : writeLike(template, value);
}

function parkedEntry(name: string, value: LayeredMerge['parked'][number]): ParkedEntry {
  const isMoved = formatPath(value.newPath) !== formatPath(value.path);
  return {
    place: placeOf(name, value.path),
    newPlace: isMoved ? placeOf(name, value.newPath) : null,
    value: value.value === undefined ? null : compactText(value.value),
    why: value.why,
  };
}

function outcomeOf(
  merged: LayeredMerge,
  { name, at }: DocumentRollback,
  decisions: DocumentDecisions,
): Omit<Outcome, 'reconciled'> {
  const { carried, parked, judged } = merged;
  return {
    carried: countChanges(carried),
    parked: countParked(name, parked),
    decisions: decisionsUsed(judged, decisions, { document: name, at, parked }),
  };
}

/** Elements of one array are counted together, by field. */
export function countParked(
  name: string,
  parked: readonly { readonly path: Path; readonly why: ParkReason }[],
): Outcome['parked'] {
  const counts = new Map<string, Outcome['parked'][number]>();
  for (const { path, why } of parked) {
    const fields = path.filter((step) => typeof step === 'string');
    const what = placeOf(name, fields);
    const id = `${why} ${what}`;
    counts.set(id, { what, why, count: (counts.get(id)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}
