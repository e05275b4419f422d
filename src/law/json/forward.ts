import type { ParkReason } from '../place.ts';
import { changesBetween, type Change } from './diff.ts';
import { elementsOf, stepTo, type KeyFields } from './keyed.ts';
import { isNothing, type ParkedValue } from './merge.ts';
import { valueAt, type Path } from './path.ts';
import { isObject, isSame, jsonArray, jsonObject, type Json } from './value.ts';

/** One place on the way forward, in the new shape's terms; `undefined` where a state has no such place. */
export interface ForwardPlace {
  /** The pair of the upgrade: what the place was before it, and what the upgrade made of it. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  /** What the new release left when it was rolled back. */
  readonly displaced: Json | undefined;
  /** Right after the rollback, and now, both under the old release. */
  readonly settled: Json | undefined;
  readonly now: Json | undefined;
}

/** Writes what was changed under the old release into the state that the new release left. */
export class Forward {
  readonly carried: Change[] = [];
  /** Changes under the old release that the new document cannot hold. */
  readonly parked: ParkedValue[] = [];
  /** What users had changed under the new release, and later again under the old one. */
  readonly stale: ParkedValue[] = [];
  readonly #wasParked: (path: Path) => boolean;

  /** `wasParked`: whether the rollback parked something at, in or around a path of the new document. */
  constructor(wasParked: (path: Path) => boolean) {
    this.#wasParked = wasParked;
  }

  /** Returns what stands at the place afterwards. */
  place(place: ForwardPlace, path: Path): Json | undefined {
    const { displaced, settled, now } = place;
    if (isSame(settled, now)) return displaced;
    if (isObject(displaced) && isObject(now) && (settled === undefined || isObject(settled))) {
      return this.#members(place, path);
    }
    if (isSame(displaced, now)) return displaced;
    const isUntouched = isSame(displaced, settled);
    if (isUntouched && (settled !== undefined || !isForeign(place))) {
      return this.#carry(place, path, this.#wasParked(path));
    }
    const obstacle = obstacleTo(place);
    if (obstacle !== null) {
      const changes = changesBetween(settled, now, path);
      this.parked.push(
        ...changes.map(({ path: at, to }) => ({ path: at, value: to, why: obstacle })),
      );
      return displaced;
    }
    return this.#carry(place, path, this.#wasParked(path) || holdsParked(place));
  }

  /** As `place`, for an array whose elements have keys: the new release's order, new ones last. */
  elements(place: ForwardPlace, path: Path, key: KeyFields): Json | undefined {
    const displaced = elementsOf(place.displaced, key);
    const settled = elementsOf(place.settled, key);
    const now = elementsOf(place.now, key);
    if (displaced === null || settled === null || now === null) return this.place(place, path);
    const before = elementsOf(place.before, key);
    const after = elementsOf(place.after, key);
    const elements = [...new Map([...displaced, ...now, ...settled])].flatMap(([id, element]) => {
      const states = {
        before: before?.get(id),
        after: after?.get(id),
        displaced: displaced.get(id),
        settled: settled.get(id),
        now: now.get(id),
      };
      return this.place(states, [...path, stepTo(element, key)]) ?? [];
    });
    return jsonArray(elements);
  }

  #carry({ displaced, now }: ForwardPlace, path: Path, isStale: boolean): Json | undefined {
    if (isStale) this.stale.push({ path, value: displaced, why: 'stale' });
    this.carried.push(...changesBetween(displaced, now, path));
    return now;
  }

  #members(place: ForwardPlace, path: Path): Json {
    const members = new Map(membersOf(place.displaced));
    const keys = new Set([...membersOf(place.settled).keys(), ...membersOf(place.now).keys()]);
    for (const key of keys) {
      const value = this.place(
        {
          before: membersOf(place.before).get(key),
          after: membersOf(place.after).get(key),
          displaced: members.get(key),
          settled: membersOf(place.settled).get(key),
          now: membersOf(place.now).get(key),
        },
        [...path, key],
      );
      if (value === undefined) members.delete(key);
      else members.set(key, value);
    }
    return jsonObject(members);
  }
}

function membersOf(value: Json | undefined): ReadonlyMap<string, Json> {
  return isObject(value) ? value.members : new Map<string, Json>();
}

/** A place that the new shape has by itself: the old release means something else by the same name. */
function isForeign({ before, after }: ForwardPlace): boolean {
  return before === undefined && after !== undefined;
}

/** True where users changed something under the new release that the old one was not given. */
function holdsParked({ after, displaced, settled }: ForwardPlace): boolean {
  return changesBetween(after, displaced).some(
    ({ path, to }) => !isSame(valueAt(settled, path), to),
  );
}

/** Why the new document cannot take the change; null where the later edit wins. */
function obstacleTo(place: ForwardPlace): ParkReason | null {
  const { before, after, displaced, now } = place;
  if (isForeign(place)) return 'unproven';
  if (before !== undefined && after === undefined && displaced === undefined) return 'blind';
  const kind = (displaced ?? after)?.kind;
  const isOtherKind = now !== undefined && kind !== undefined && kind !== now.kind;
  return isOtherKind && !isNothing(now) ? 'rewritten' : null;
}
