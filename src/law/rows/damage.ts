import { changedLatestOf, changedOriginOf, originOf, type Bench } from './bench.ts';
import type { MergeTerms } from './terms.ts';
import { anyOf, cell, same, sameKey } from './compare.ts';
import type { View } from './view.ts';

/** Above which share of a table a change is taken for the bad release's own damage. */
export interface CarryLimit {
  /** 0.05 is 5 % of the rows that the table had right after the upgrade. */
  readonly share: number;
  /** Up to so many rows are always carried. */
  readonly rows: number;
  /** What happens above the limit when nobody can be asked. */
  readonly unattended: 'park' | 'carry';
}

export const defaultCarryLimit: CarryLimit = { share: 0.05, rows: 10, unattended: 'park' };

/** The limit of a table; where a person said that its losses are users' work, there is none. */
export function limitOf(
  table: string,
  { carryLimits, decisions }: Pick<MergeTerms, 'carryLimits' | 'decisions'>,
): CarryLimit {
  const limit = carryLimits[table] ?? defaultCarryLimit;
  const isWork = decisions.some(({ place, choice }) => place === table && choice === 'as-is');
  return isWork ? { ...limit, unattended: 'carry' } : limit;
}

/** Rows of one table that lost something since the upgrade. */
export interface Damage {
  /** Rows right after the upgrade. */
  readonly rows: number;
  readonly deleted: number;
  readonly emptied: number;
  readonly overwritten: number;
}

/** Which kinds of change are above the limit, and so parked. */
export interface Suspicion {
  readonly deleted: boolean;
  readonly emptied: boolean;
  readonly overwritten: boolean;
}

/** What was done to a table, beyond the counts. */
export interface TableDamage extends Damage {
  readonly parked: Suspicion;
}

export const noSuspicion: Suspicion = { deleted: false, emptied: false, overwritten: false };

/** True where a cell held something and holds nothing now. */
export function isEmptied(column: string): string {
  return `(${isFilled('o', column)} AND NOT ${isFilled('l', column)})`;
}

/** True where a cell held something and holds something else now. */
export function isOverwritten(column: string): string {
  const changed = `NOT ${same(cell('l', column), cell('o', column))}`;
  return `(${isFilled('o', column)} AND ${isFilled('l', column)} AND ${changed})`;
}

function isFilled(alias: string, column: string): string {
  return `(${cell(alias, column)} IS NOT NULL AND ${cell(alias, column)} <> '')`;
}

/** A table's delta as it was found, before images were drawn, and the columns of which some cell changed. */
export interface FoundDelta {
  readonly delta: string;
  readonly changed: readonly string[];
}

/** Counts what a table lost. */
export function damageOf({ db }: Bench, view: View, { delta, changed }: FoundDelta): Damage {
  const sum = (test: (column: string) => string): string =>
    `coalesce(sum(${anyOf(changed.map(test))}), 0)`;
  const lost =
    changed.length === 0
      ? undefined
      : db.all(`SELECT ${sum(isEmptied)} AS emptied, ${sum(isOverwritten)} AS overwritten
        FROM ${delta} AS d
          JOIN ${changedOriginOf(view)} AS o ON ${sameKey('o', 'd', view.key)}
          JOIN ${changedLatestOf(view)} AS l ON ${sameKey('l', 'd', view.key)}
        WHERE d."backstep act" = 'update'`)[0];
  return {
    rows: db.count(`SELECT count(*) FROM ${originOf(view)}`),
    deleted: db.count(`SELECT count(*) FROM ${delta} WHERE "backstep act" = 'delete'`),
    emptied: Number(lost?.['emptied'] ?? 0),
    overwritten: Number(lost?.['overwritten'] ?? 0),
  };
}

/** What of the damage is above the limit. */
export function suspicionOf(damage: Damage, limit: CarryLimit): Suspicion {
  if (limit.unattended === 'carry') return noSuspicion;
  const isAbove = (count: number): boolean =>
    count > limit.rows && count > limit.share * damage.rows;
  return {
    deleted: isAbove(damage.deleted),
    emptied: isAbove(damage.emptied),
    overwritten: isAbove(damage.overwritten),
  };
}
