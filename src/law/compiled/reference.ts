import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { ForeignKey, Table } from '../../sqlite/schema.ts';
import { valuesMatch, type Columns } from '../rows/compare.ts';
import type { Rules } from '../rows/rules.ts';
import type { View } from '../rows/view.ts';
import { inState, working } from './names.ts';

/** One foreign key of the old shape, and where its mending stands. */
export interface Reference {
  readonly child: Table;
  readonly parent: Table;
  readonly key: ForeignKey;
  readonly parentColumns: readonly string[];
  /** Null where the table is not followed row by row. */
  readonly childView: View | null;
  readonly parentView: View | null;
  /** Of the parent. */
  readonly rules: Rules | null;
  /** A working table: each row that is put into it is one step of mending. */
  readonly steps: string;
  /** The values v0, v1 … that children name and no parent has. */
  readonly missing: string;
  readonly brought: string;
  /** The values v0, v1 … that parents had, and n0, n1 … that they have now. */
  readonly changed: string;
}

/** The steps of one reference, in their order; each but the first has a trigger that runs where the stage is its own. */
export const stages = ['find', 'bring', 'change', 'follow', 'act', 'reinstate', 'park'] as const;
export type Stage = (typeof stages)[number] | 'done';

/** One row: the stage of the reference that is being mended, and whether another round is needed. */
export const mending = working('mending');

/** Sets which step is next. */
export function enter(stage: Stage, condition = '1'): string {
  return `UPDATE ${mending} SET stage = ${quoteText(stage)} WHERE ${condition}`;
}

/** True where a step is next. */
export function isAt(stage: Stage): string {
  return `(SELECT stage FROM ${mending}) = ${quoteText(stage)}`;
}

/** A trigger that runs where a step is asked for and the stage is its own. */
export function stepTrigger(
  { steps }: Reference,
  stage: Stage,
  statements: readonly string[],
): string {
  const isOwn = stage === 'find' ? '' : ` AND ${isAt(stage)}`;
  return `CREATE TEMP TRIGGER ${working(stage, steps)} AFTER INSERT ON ${steps}
    WHEN NEW.step = ${quoteText(stage)}${isOwn} BEGIN\n${statements.join(';\n')};\nEND`;
}

/** Where their parked rows go. */
export function unfollowedRows({ name }: Table): string {
  return working('unseen rows', name);
}

/** The missing values (alias m), as a side to compare with. */
export function missingSide({ key }: Reference): Columns {
  return { alias: 'm', columns: key.columns.map((_column, n) => `v${n}`) };
}

/** True where a child's row (by its table's name or alias) names a missing parent, of which `which` holds (alias m). */
export function isOrphan(reference: Reference, alias: string, which = '1'): string {
  return `EXISTS (SELECT 1 FROM ${reference.missing} AS m
    WHERE ${which} AND ${valuesMatch(alias, reference.key.columns, missingSide(reference))})`;
}

/** True where before had the missing parent (alias m). */
export function wasThere(reference: Reference): string {
  return `EXISTS (SELECT 1 FROM ${inState('before', reference.parent.name)} AS bp
    WHERE ${valuesMatch('bp', reference.parentColumns, missingSide(reference))})`;
}

/** A table's name, as triggers write it. */
export function liveName({ name }: Table): string {
  return quoteName(name);
}
