import { BackstepError } from '../../fault/backstep-error.ts';
import type { Table } from '../../sqlite/schema.ts';
import type { MergeTerms } from './terms.ts';
import type { Shape } from './view.ts';

interface Shapes {
  readonly base: Shape;
  readonly origin: Shape;
  readonly latest: Shape;
}

/**
 * Rows of `latest` are read in the shape of `origin`. Throws `law/unsupported-shape` where a table that the wanted shape
 * has, or a select names, was dropped, made anew or altered in between: values in a column that was added would be
 * neither carried nor parked.
 */
export function requireShapeOfOrigin(
  { base, origin, latest }: Shapes,
  { lenses, bookkeeping }: Pick<MergeTerms, 'lenses' | 'bookkeeping'>,
): void {
  const selects = Object.values(lenses).map(({ select }) => select ?? '');
  const isRead = ({ name }: Table): boolean =>
    !bookkeeping.includes(name) &&
    (base.has(name) || selects.some((select) => select.includes(name)));
  for (const table of origin.values()) {
    if (table.kind !== 'table' || !isRead(table)) continue;
    const altered = alterationOf(table, latest.get(table.name));
    if (altered !== null) throw refusal(table, altered);
  }
}

function alterationOf(then: Table, now: Table | undefined): string | null {
  if (now === undefined) return 'is no longer there';
  const [had, has] = [namesOf(then), namesOf(now)];
  const added = has.find((name) => !had.includes(name));
  if (added !== undefined) return `has ${added}, which was not there`;
  const gone = had.find((name) => !has.includes(name));
  return gone === undefined ? null : `has no ${gone} any more`;
}

function namesOf({ columns }: Table): readonly string[] {
  return columns.map(({ name }) => name);
}

function refusal({ name }: Table, altered: string): BackstepError {
  return new BackstepError('law/unsupported-shape', {
    message: `table ${name} was altered by the application after the switch: it ${altered}`,
    hint: 'a schema is altered by the upgrade alone: undo the change in the running application, or return to a snapshot with `backstep restore`',
  });
}
