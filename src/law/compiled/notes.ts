import type { Finding } from '../place.ts';
import type { Pair } from './pair.ts';

/** What a compiled script does not carry, or carries less of than the law, in sentences for people. */
export function notesOf(pair: Pair): readonly string[] {
  return [
    ...pair.standing.map((name) => `${name}: stands as before the upgrade`),
    ...pair.unseen.flatMap(({ table: { name }, unread }) =>
      unread === null
        ? [`${name}: the old release has no such table; what was written there is parked`]
        : unread.map(
            (column) =>
              `${name}.${column}: the old release has no such column; what was written there is parked`,
          ),
    ),
    ...pair.findings.flatMap((finding) => rewritten(pair, finding)),
    'a table that was made since the upgrade is not carried; it is whole in now.db',
  ];
}

function rewritten({ views, loose }: Pair, { place, faith }: Finding): readonly string[] {
  if (faith !== 'rewritten') return [];
  if (loose.some(({ table }) => table.name === place)) {
    return [`${place}: the upgrade rewrote rows that nothing identifies; every change is parked`];
  }
  const isColumn = views.some(({ table, columns }) =>
    columns.some((column) => place === `${table.name}.${column}`),
  );
  return isColumn
    ? [`${place}: the upgrade rewrote some of it; JSON there is parked whole, not merged by path`]
    : [];
}
