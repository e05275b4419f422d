import type { BackstepError } from '../../fault/backstep-error.ts';
import type { CarriedCount, Outcome, ParkReason, Place } from '../place.ts';
import { changesBetween, countChanges } from './diff.ts';
import { readDocument, type JsonDocument } from './document.ts';
import { Forward, type ForwardPlace } from './forward.ts';
import { knownElements } from './known-elements.ts';
import type { ParkedValue } from './merge.ts';
import { elementChanges } from './reconcile.ts';
import { isWithin, placeOf, valueAt, withValueAt, type Path } from './path.ts';
import { isOneWay, noReversal, type DocumentReversal, type ReversalEntry } from './reversal.ts';
import { countParked, type ParkedEntry } from './rollback.ts';
import { isObject, isSame, type Json } from './value.ts';
import {
  forthView,
  movedView,
  oldView,
  withoutNewPaths,
  withoutOldPaths,
  type Viewed,
} from './view.ts';
import { compactText, writeLike } from './write.ts';

/** The bytes of one document; null where a state has no such file. */
export interface ReturnStates {
  /** The pair of the upgrade that was rolled back. */
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
  /** What the new release left. */
  readonly displaced: Uint8Array | null;
  /** Right after the rollback, and now. */
  readonly settled: Uint8Array | null;
  readonly now: Uint8Array | null;
}

export interface DocumentReturn {
  readonly name: string;
  readonly reversal?: DocumentReversal;
  /** What the rollback parked of this document. */
  readonly parked?: readonly ParkedEntry[];
}

export interface ReturnedDocument {
  /** The displaced document's exact bytes where nothing was changed under the old release. */
  readonly bytes: Uint8Array | null;
  /** `parked` counts the changes under the old release that the new one cannot hold. */
  readonly outcome: Outcome;
  readonly parked: readonly ParkedEntry[];
  /** Parked values that are in the new document again. */
  readonly returned: readonly ParkedEntry[];
  /** Values of the new release that a later edit replaced: kept, not in the document. */
  readonly stale: readonly ParkedEntry[];
  readonly faults: readonly BackstepError[];
}

/**
 * Forward again: the displaced document plus what users changed under the old release since. Their later
 * edit wins over what was parked. Damage that was refused on the way back is not restored. Throws
 * BackstepError `document/*` where one of the documents is no JSON.
 */
export async function returnDocument(
  states: ReturnStates,
  { name, reversal = noReversal, parked = [] }: DocumentReturn,
): Promise<ReturnedDocument> {
  const read = (bytes: Uint8Array | null, which: string): JsonDocument | null =>
    bytes === null ? null : readDocument(bytes, `${name} (${which})`);
  const displaced = read(states.displaced, 'displaced');
  const latest = read(states.now, 'now');
  const roots = {
    before: read(states.before, 'before')?.root,
    after: read(states.after, 'after')?.root,
    displaced: displaced?.root,
    settled: read(states.settled, 'right after the rollback')?.root,
    now: latest?.root,
  };
  const places = parked
    .filter(({ why }) => why !== 'damage')
    .map((each) => each.newPlace ?? each.place);
  const forward = new Forward((path) => places.some((each) => isAround(each, placeOf(name, path))));
  const run = new ReturnRun(repaired(roots, name, parked), reversal, forward);
  const value = await run.result();
  const template = displaced ?? latest;
  const bytes = value === undefined || template === null ? null : writeLike(template, value);
  return { bytes, ...run.report(name, parked) };
}

/** Without the damage that the rollback refused: those places are as the upgrade made them. */
function repaired(roots: ForwardPlace, name: string, parked: readonly ParkedEntry[]): ForwardPlace {
  const damaged = new Set(parked.filter(({ why }) => why === 'damage').map(({ place }) => place));
  let { displaced } = roots;
  for (const { path, from } of changesBetween(roots.after, roots.displaced)) {
    if (!damaged.has(placeOf(name, path))) continue;
    displaced = (withValueAt(displaced, path, from) ?? { root: displaced }).root;
  }
  return { ...roots, displaced };
}

/** One document on its way forward. */
class ReturnRun {
  readonly #roots: ForwardPlace;
  readonly #reversal: DocumentReversal;
  readonly #forward: Forward;
  readonly #faults: BackstepError[] = [];
  #isReconciled = true;

  constructor(roots: ForwardPlace, reversal: DocumentReversal, forward: Forward) {
    this.#forward = forward;
    this.#roots = roots;
    this.#reversal = reversal;
  }

  async result(): Promise<Json | undefined> {
    const identical = {
      ...this.#roots,
      before: withoutOldPaths(this.#roots.before, this.#reversal),
      settled: withoutOldPaths(this.#roots.settled, this.#reversal),
      now: withoutOldPaths(this.#roots.now, this.#reversal),
    };
    let value = this.#forward.place(identical, []);
    for (const entry of this.#reversal.entries) value = await this.#entry(entry, value);
    for (const entry of this.#reversal.entries) await this.#prove(entry, value);
    const rest = withoutNewPaths(value, this.#reversal);
    this.#isReconciled = changesBetween(identical.settled, identical.now).every(
      ({ path, to }) =>
        [value, rest].some((root) => isThere(to, valueAt(root, path))) || this.#isParked(path),
    );
    return value;
  }

  report(name: string, before: readonly ParkedEntry[]): Omit<ReturnedDocument, 'bytes'> {
    const entryOf = (value: ParkedValue): ParkedEntry => parkedEntry(name, value);
    const stale = this.#forward.stale.map(entryOf);
    const isBack = ({ place, newPlace, why }: ParkedEntry): boolean =>
      why !== 'damage' && !stale.some((each) => isAround(each.place, newPlace ?? place));
    const carried: CarriedCount = countChanges(this.#forward.carried);
    const parked = countParked(name, this.#forward.parked);
    return {
      outcome: { carried, parked, decisions: [], reconciled: this.#isReconciled },
      parked: this.#forward.parked.map(entryOf),
      returned: before.filter(isBack),
      stale,
      faults: this.#faults,
    };
  }

  async #entry(entry: ReversalEntry, value: Json | undefined): Promise<Json | undefined> {
    if (entry.way === 'path') {
      const view = (older: Json | undefined): Promise<Viewed> =>
        Promise.resolve(movedView(entry, older));
      return this.#follow({ entry, path: entry.new, key: entry.key, view }, value);
    }
    let result = value;
    for (const forth of entry.forth) {
      const view = (older: Json | undefined): Promise<Viewed> => forthView(forth, older);
      result = await this.#follow({ entry, path: forth.new, key: forth.key, view }, result);
    }
    return result;
  }

  /** Writes what one entry makes of the changes into one path of the new document. */
  async #follow(
    { entry, path, key, view }: Followed,
    value: Json | undefined,
  ): Promise<Json | undefined> {
    const [before, settled, now] = [
      await view(this.#roots.before),
      await view(this.#roots.settled),
      await view(this.#roots.now),
    ];
    for (const seen of [before, settled, now]) if (!seen.ok) this.#faults.push(seen.fault);
    if (!settled.ok || !now.ok) return value;
    const old = before.ok ? before.value : undefined;
    const known =
      entry.way === 'path' && now.isUnmapped
        ? knownElements(entry, {
            earlier: settled.value,
            now: now.value,
            raw: this.#roots.now,
            way: 'toNew',
          })
        : null;
    this.#forward.parked.push(...(known?.parked ?? []));
    if (
      known === null &&
      now.isUnmapped &&
      !isSame(now.value, settled.value) &&
      !isSame(now.value, old)
    )
      return value;
    const place: ForwardPlace = {
      before: old,
      after: valueAt(this.#roots.after, path),
      displaced: valueAt(value, path),
      settled: settled.value,
      now: known === null ? now.value : known.value,
    };
    const changed = withValueAt(value, path, this.#written(place, path, { entry, key }));
    if (changed !== null) return changed.root;
    this.#park(entry, 'refused');
    return value;
  }

  /** What was parked on the way is named as the old release knows it. */
  #written(
    place: ForwardPlace,
    path: Path,
    { entry, key }: Pick<Followed, 'entry' | 'key'>,
  ): Json | undefined {
    const known = this.#forward.parked.length;
    const value =
      key === null ? this.#forward.place(place, path) : this.#forward.elements(place, path, key);
    const parked = this.#forward.parked.splice(known);
    if (entry.way === 'expression') {
      const [first] = parked;
      if (first !== undefined) this.#park(entry, first.why);
      return value;
    }
    for (const each of parked) {
      const old = [...entry.old, ...each.path.slice(path.length)];
      this.#forward.parked.push({ ...each, path: old });
    }
    return value;
  }

  /** Parks a change that, seen from the old release, did not arrive. */
  async #prove(entry: ReversalEntry, value: Json | undefined): Promise<void> {
    const [settled, wanted] = [this.#roots.settled, this.#roots.now].map((older) =>
      valueAt(older, entry.old),
    );
    if (isSame(settled, wanted) || this.#isParked(entry.old)) return;
    const view = await oldView(entry, value);
    const hasArrived =
      view.ok &&
      elementChanges(settled, wanted, entry.key).every(({ path, to }) =>
        isSame(valueAt(view.value, path), to),
      );
    if (!hasArrived || isOneWay(entry)) this.#park(entry, 'blind');
  }

  #park({ old }: ReversalEntry, why: ParkReason): void {
    this.#forward.parked.push({ path: old, value: valueAt(this.#roots.now, old), why });
  }

  #isParked(path: Path): boolean {
    return this.#forward.parked.some(
      (each) => isWithin(each.path, path) || isWithin(path, each.path),
    );
  }
}

/** True where one of two places lies in the other, or they are one. */
function isAround(one: Place, other: Place): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.startsWith(short) && ['', '.', '[', '#'].includes(long.charAt(short.length));
}

/** An object that was added is there when all of it is, beside what the new release has there. */
function isThere(wanted: Json | undefined, found: Json | undefined): boolean {
  if (!isObject(wanted) || !isObject(found)) return isSame(wanted, found);
  return [...wanted.members].every(([key, member]) => isThere(member, found.members.get(key)));
}

interface Followed {
  readonly entry: ReversalEntry;
  readonly path: Path;
  readonly key: ReversalEntry['key'];
  readonly view: (older: Json | undefined) => Promise<Viewed>;
}

function parkedEntry(name: string, { path, value, why }: ParkedValue): ParkedEntry {
  const place: Place = placeOf(name, path);
  return { place, newPlace: null, value: value === undefined ? null : compactText(value), why };
}
