import { BackstepError } from '../../fault/backstep-error.ts';
import type { Column, Table } from '../../sqlite/schema.ts';
import { foldName } from '../../sqlite/spelling.ts';
import type { MergeTerms } from './terms.ts';
import type { Shape } from './view.ts';

interface Shapes {
  readonly base: Shape;
  readonly origin: Shape;
  readonly latest: Shape;
}

/**
 * Rows of `latest` are read in the shape of `origin`. Throws `law/unsupported-shape` where a table that the wanted shape
 * has, or a select names, was dropped, made anew or narrowed in between. Columns that were added are parked
 * (`parkUnseen`), but for tables without a key and such as a select reads by `*`: those are refused as well.
 */
export function requireShapeOfOrigin(
  { base, origin, latest }: Shapes,
  { lenses, bookkeeping }: Pick<MergeTerms, 'lenses' | 'bookkeeping'>,
): void {
  const selects = Object.values(lenses).map(({ select }) => foldName(select ?? ''));
  const namedIn = ({ name }: Table): readonly string[] =>
    selects.filter((select) => select.includes(foldName(name)));
  for (const table of origin.values()) {
    if (table.kind !== 'table' || bookkeeping.includes(table.name)) continue;
    const reading = namedIn(table);
    if (!base.has(table.name) && reading.length === 0) continue;
    const mayGrow = table.key.length > 0 && !reading.some((select) => select.includes('*'));
    const altered = alterationOf(table, latest.get(table.name), mayGrow);
    if (altered !== null) throw refusal(table, altered);
  }
}

function alterationOf(then: Table, now: Table | undefined, mayGrow: boolean): string | null {
  if (now === undefined) return 'is no longer there';
  const [had, has] = [namesOf(then), namesOf(now)];
  const gone = had.find((name) => !has.includes(name));
  if (gone !== undefined) return `has no ${gone} any more`;
  const added = mayGrow ? undefined : addedTo(then, now)[0];
  return added === undefined ? null : `has ${added.name}, which was not there`;
}

/** Columns that the application itself added to a table since the switch. */
export function addedTo(then: Table, now: Table): readonly Column[] {
  const had = namesOf(then);
  return now.columns.filter(({ name }) => !had.includes(name));
}

function namesOf({ columns }: Table): readonly string[] {
  return columns.map(({ name }) => name);
}

function refusal({ name }: Table, altered: string): BackstepError {
  return new BackstepError('law/unsupported-shape', {
    message: `table ${name} was altered by the application after the switch: it ${altered}`,
    hint: 'give the table back its shape in the running application, and run this again; or go back to a state that was captured before (`backstep snapshots`, `backstep restore --at SNAPSHOT --live`)',
  });
}
