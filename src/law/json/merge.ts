import type { Choice, ParkReason } from '../place.ts';
import { changesBetween, type Change } from './diff.ts';
import { isWithin, withValueAt, type Path } from './path.ts';
import { isObject, isSame, jsonObject, type Json } from './value.ts';

/** One place in the three states, all in the old shape; `undefined` where a state has no such place. */
export interface Triple {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly now: Json | undefined;
}

/** A change that the result does not hold; `value` is undefined where the user deleted the place. */
export interface ParkedValue {
  readonly path: Path;
  readonly value: Json | undefined;
  readonly why: ParkReason;
}

/** What was chosen for a changed place that is not faithful. */
export interface Judged {
  readonly path: Path;
  readonly choice: Choice;
}

/** Says what a person or the reversal decided for a path, null where nothing was. */
export type DecisionAt = (path: Path) => Choice | null;

/** What a merge comes to; every change between `after` and `now` is in `carried` or in `parked`. */
export interface Merged {
  readonly value: Json | undefined;
  readonly carried: readonly Change[];
  readonly parked: readonly ParkedValue[];
  readonly judged: readonly Judged[];
  /** Carried into places where there was nothing to compare. */
  readonly unproven: readonly Path[];
}

export const undecided: DecisionAt = () => null;

/**
 * `before ⊕ diff(after, now)` by path. Changes are carried where before equals after; elsewhere they are
 * parked, or do as `decisionAt` says. Objects merge by key, an array is one value.
 */
export function mergeTriple(triple: Triple, decisionAt: DecisionAt = undecided): Merged {
  const merge = new Merge(decisionAt);
  const value = merge.place(triple, []);
  return { ...merge.found(), value };
}

/** `mergeTriple` for a cell: what is parked or carried is named by its path within the cell. */
export function mergeValues(
  before: Json | undefined,
  after: Json | undefined,
  now: Json | undefined,
): Merged {
  return mergeTriple({ before, after, now });
}

/** One merge under way: the lists that it fills. */
export class Merge {
  readonly #carried: Change[] = [];
  readonly #parked: ParkedValue[] = [];
  readonly #judged: Judged[] = [];
  readonly #unproven: Path[] = [];
  readonly decisionAt: DecisionAt;

  constructor(decisionAt: DecisionAt) {
    this.decisionAt = decisionAt;
  }

  found(): Omit<Merged, 'value'> {
    return {
      carried: this.#carried,
      parked: this.#parked,
      judged: this.#judged,
      unproven: this.#unproven,
    };
  }

  /** Merges one place and returns what stands there afterwards. */
  place(triple: Triple, path: Path): Json | undefined {
    const { before, after, now } = triple;
    if (isSame(after, now)) return before;
    if (isSame(before, after)) {
      if (isNothing(before)) this.#unproven.push(path);
      return this.carry(before, now, path);
    }
    if (isObject(before) && isObject(after)) {
      if (isObject(now)) return this.#members({ before, after, now }, path);
      // That it is there is faithful, whatever the upgrade did inside it.
      if (now === undefined) return this.carry(before, now, path);
    }
    return this.#settle(triple, path);
  }

  carry(from: Json | undefined, to: Json | undefined, path: Path): Json | undefined {
    this.#carried.push(...changesBetween(from, to, path));
    return to;
  }

  park(parked: ParkedValue): void {
    this.#parked.push(parked);
  }

  markUnproven(path: Path): void {
    this.#unproven.push(path);
  }

  /** The choice for a place that is not faithful; it is put on record. */
  judge(path: Path): Choice {
    const choice = this.decisionAt(path) ?? 'park';
    this.#judged.push({ path, choice });
    return choice;
  }

  #members(objects: ObjectTriple, path: Path): Json {
    const { before, after, now } = objects;
    const keys = new Set([
      ...before.members.keys(),
      ...now.members.keys(),
      ...after.members.keys(),
    ]);
    const members = new Map<string, Json>();
    for (const key of keys) {
      const value = this.place(
        {
          before: before.members.get(key),
          after: after.members.get(key),
          now: now.members.get(key),
        },
        [...path, key],
      );
      if (value !== undefined) members.set(key, value);
    }
    return jsonObject(members);
  }

  /** Changed in a place that is not faithful. */
  #settle({ before, after, now }: Triple, path: Path): Json | undefined {
    const why = reasonFor(before, after);
    let value = before;
    for (const change of changesBetween(after, now, path)) {
      const inside = change.path.slice(path.length);
      const isWanted = this.judge(change.path) === 'as-is';
      const changed = isWanted ? withValueAt(value, inside, change.to) : null;
      // Where a part does not fit into the old value, the whole goes in, if it was decided as a whole.
      const isWhole = isWanted && changed === null && this.decisionAt(path) === 'as-is';
      if (isWhole) return this.carry(before, now, path);
      if (changed === null) {
        this.park({ path: change.path, value: change.to, why: isWanted ? 'refused' : why });
      } else {
        this.#carried.push(change);
        value = changed.root;
      }
    }
    return value;
  }
}

type ObjectTriple = Readonly<Record<keyof Triple, Extract<Json, { kind: 'object' }>>>;

/** Neither an absent value nor an empty container shows what the upgrade would have done to one. */
export function isNothing(value: Json | undefined): boolean {
  if (value === undefined) return true;
  if (value.kind === 'array') return value.items.length === 0;
  return isObject(value) && value.members.size === 0;
}

function reasonFor(before: Json | undefined, after: Json | undefined): ParkReason {
  if (before === undefined) return 'blind';
  return after === undefined ? 'unproven' : 'rewritten';
}

/** True where a decision about `place` speaks of `path`: an ancestor, or the same field of an element. */
export function isCovered(path: Path, place: Path): boolean {
  const fields = path.filter((step) => typeof step === 'string');
  return isWithin(path, place) || isWithin(fields, place);
}
