import { changesBetween, type Change } from './diff.ts';
import { isNothing, type ParkedValue } from './merge.ts';
import { withValueAt } from './path.ts';
import { countLeaves, type Json } from './value.ts';
import { compactText } from './write.ts';

/** What a bad release may have done, in values of the new document. */
export interface DamageCounts {
  readonly deleted: number;
  readonly emptied: number;
  readonly overwritten: number;
  /** Values in the document right after the upgrade. */
  readonly total: number;
}

/** More than this much deleted, emptied and overwritten is not carried unasked. */
export interface CarryLimit {
  /** From 0 to 1. */
  readonly share: number;
  readonly values: number;
}

export interface Repaired {
  readonly now: Json | undefined;
  readonly parked: readonly ParkedValue[];
}

export function countDamage(after: Json | undefined, now: Json | undefined): DamageCounts {
  const changes = changesBetween(after, now).filter((change) => change.from !== undefined);
  const deleted = changes.filter((change) => change.to === undefined);
  const emptied = changes.filter((change) => change.to !== undefined && isEmptied(change.to));
  return {
    deleted: sum(deleted),
    emptied: sum(emptied),
    overwritten: sum(changes) - sum(deleted) - sum(emptied),
    total: countLeaves(after),
  };
}

/** Above the limit, `now` without its deletions and overwritten values, which are parked; below it, as it is. */
export function withoutDamage(
  after: Json | undefined,
  now: Json | undefined,
  limit: CarryLimit | null,
): Repaired {
  const counts = countDamage(after, now);
  const harmed = counts.deleted + counts.emptied + counts.overwritten;
  if (limit === null || harmed <= limit.values || harmed <= limit.share * counts.total) {
    return { now, parked: [] };
  }
  let repaired = now;
  const parked: ParkedValue[] = [];
  for (const change of changesBetween(after, now)) {
    const { path, from, to } = change;
    if (from === undefined || harmOf(change) === 0) continue;
    parked.push({ path, value: to, why: 'damage' });
    repaired = (withValueAt(repaired, path, from) ?? { root: repaired }).root;
  }
  return { now: repaired, parked };
}

function isEmptied(value: Json): boolean {
  return (
    isNothing(value) || value.kind === 'null' || (value.kind === 'string' && value.value === '')
  );
}

function sum(changes: readonly Change[]): number {
  return changes.reduce((total, change) => total + harmOf(change), 0);
}

/** How many values a change did away with. A list that only grew, or was put in another order, lost none. */
function harmOf({ from, to }: Change): number {
  if (from?.kind !== 'array' || to?.kind !== 'array') return countLeaves(from);
  const kept = new Map<string, number>();
  for (const item of to.items.map(compactText)) kept.set(item, (kept.get(item) ?? 0) + 1);
  const lost = from.items.filter((item) => {
    const text = compactText(item);
    const count = kept.get(text) ?? 0;
    kept.set(text, count - 1);
    return count <= 0;
  });
  return lost.reduce((total, item) => total + countLeaves(item), 0);
}
