import type { CarriedCount } from '../place.ts';
import type { Path } from './path.ts';
import { isObject, isSame, type Json } from './value.ts';

/** One value that differs; `undefined` where one side has no such path. */
export interface Change {
  readonly path: Path;
  readonly from: Json | undefined;
  readonly to: Json | undefined;
}

/** What differs, as deep as both sides are objects; an array is one value. `path` is where the two stand. */
export function changesBetween(
  from: Json | undefined,
  to: Json | undefined,
  path: Path = [],
): Change[] {
  if (isSame(from, to)) return [];
  if (!isObject(from) || !isObject(to)) return [{ path, from, to }];
  const keys = new Set([...from.members.keys(), ...to.members.keys()]);
  return [...keys].flatMap((key) =>
    changesBetween(from.members.get(key), to.members.get(key), [...path, key]),
  );
}

export function countChanges(changes: readonly Change[]): CarriedCount {
  const inserted = changes.filter((change) => change.from === undefined).length;
  const deleted = changes.filter((change) => change.to === undefined).length;
  return { inserted, updated: changes.length - inserted - deleted, deleted };
}
