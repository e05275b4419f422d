import { quoteName } from '../../../sqlite/names.ts';
import { affinityOf } from '../../../sqlite/schema.ts';
import { columnNamed, tableNamed } from '../../../sqlite/spelling.ts';
import { baseOf, bodyOf, originOf, type Bench } from '../bench.ts';
import { isRowid } from '../candidates.ts';
import { cell, inParts, same, sameKey, sameMeaning } from '../compare.ts';
import { findStoredChanges, type StoredChanges } from '../stored.ts';
import type { View } from '../view.ts';

/** How far base agrees with origin seen in base's shape. */
export interface Agreement {
  /** Rows that both have. */
  readonly common: number;
  /** Column outside the key → in how many of those rows its cells differ in meaning; 0 where it is not named. */
  readonly different: ReadonlyMap<string, number>;
}

/**
 * Compares base with origin. Where the upgrade left a table's declaration alone, pages tell what it changed; else
 * columns of one type are compared together in one pass, and one by one only where they differ.
 */
export function agreementOf(bench: Bench, view: View): Agreement {
  const stored = storedAgreement(bench, view);
  if (stored !== null) return stored;
  const body = bodyOf(view);
  const isTogether = new Set(body.filter((column) => isTyped(bench, view, column)));
  const groups = [
    ...inParts(body.filter((column) => isTogether.has(column))).map((group) => ({
      group,
      isSame: sameValues(group),
    })),
    ...body
      .filter((column) => !isTogether.has(column))
      .map((column) => ({ group: [column], isSame: sameComputed(view, column) })),
  ].filter(({ group }) => group.length > 0);
  const pairs = `FROM ${baseOf(view)} AS b JOIN ${originOf(view)} AS o ON ${sameKey('o', 'b', view.key)}`;
  let common: number | null = null;
  const suspects = passesOf(groups, body.length).flatMap((pass) => {
    const flags = pass.map(({ isSame }, n) => `max(NOT ${isSame}) AS g${n}`);
    const found = bench.db.all(`SELECT ${['count(*) AS common', ...flags].join(', ')} ${pairs}`)[0];
    common ??= Number(found?.['common'] ?? 0);
    return pass.filter((_group, n) => found?.[`g${n}`] === 1).flatMap(({ group }) => group);
  });
  return { common: common ?? 0, different: countDifferent(bench, suspects, pairs) };
}

interface Group {
  readonly group: readonly string[];
  /** True where two rows agree in all of its columns. */
  readonly isSame: string;
}

/** One pass over the rows, if SQLite takes so many terms at once; always one at least, which counts them. */
function passesOf(groups: readonly Group[], columnCount: number): readonly (readonly Group[])[] {
  if (columnCount <= 400) return [groups];
  const [together, alone] = [
    groups.filter(({ group }) => group.length > 1),
    groups.filter(({ group }) => group.length === 1),
  ];
  const parts = Array.from({ length: Math.ceil(alone.length / 400) }, (_none, part) =>
    alone.slice(part * 400, part * 400 + 400),
  );
  return [...together.map((group) => [group]), ...parts];
}

function sameValues(columns: readonly string[]): string {
  const left = columns.map((column) => `${cell('o', column)} COLLATE BINARY`).join(', ');
  const right = columns.map((column) => cell('b', column)).join(', ');
  return `((${left}) IS (${right}))`;
}

/** Computes the other shape's value once where that is enough: text, compared without the column's affinity, is text. */
function sameComputed(view: View, column: string): string {
  const declared = view.table.columns.find(({ name }) => name === column);
  const [o, b] = [cell('o', column), cell('b', column)];
  return affinityOf(declared?.type ?? '') === 'TEXT'
    ? `(${o} IS +${b} COLLATE BINARY)`
    : same(o, b);
}

function countDifferent(
  { db }: Bench,
  columns: readonly string[],
  pairs: string,
): ReadonlyMap<string, number> {
  const counts = inParts(columns).flatMap((part) => {
    const sums = part.map(
      (column, n) => `sum(NOT ${sameMeaning(cell('o', column), cell('b', column))}) AS d${n}`,
    );
    const found = db.all(`SELECT ${sums.join(', ')} ${pairs}`)[0];
    return part.map((column, n): [string, number] => [column, Number(found?.[`d${n}`] ?? 0)]);
  });
  return new Map(counts);
}

/** Stored on both sides with one affinity, so that values that are equal are of one type as well. */
function isTyped({ db, origin }: Bench, view: View, column: string): boolean {
  const shown = db.originOf(`SELECT * FROM ${originOf(view)}`, column);
  const table = tableNamed(origin, shown?.table ?? '');
  const declared = columnNamed(table ?? { columns: [] }, shown?.column ?? '');
  const wanted = view.table.columns.find(({ name }) => name === column);
  const affinity = affinityOf(wanted?.type ?? '');
  return affinity !== '' && declared !== undefined && affinityOf(declared.type) === affinity;
}

/** Null where the table's declaration changed, or its pages do not tell. */
function storedAgreement(bench: Bench, view: View): Agreement | null {
  const { name } = view.table;
  const isSame =
    !view.isWritten &&
    view.maps.size === 0 &&
    view.raw?.table.name === name &&
    isRowid(view.table, view.key);
  if (!isSame) return null;
  const into = `scratch.${quoteName(`surveyed stored:${name}`)}`;
  const stored = findStoredChanges(bench, { table: name, left: 'base', right: 'origin', into });
  return stored === null ? null : agreementAmong(bench, view, stored);
}

function agreementAmong(bench: Bench, view: View, { into, columns }: StoredChanges): Agreement {
  const gone = bench.db.count(`SELECT count(*) FROM ${into} WHERE holder = 'left'`);
  const common = bench.db.count(`SELECT count(*) FROM ${baseOf(view)}`) - gone;
  const suspects = bodyOf(view).filter((column) => columns?.has(column) ?? true);
  const id = quoteName(view.key[0] ?? '');
  const pairs = `FROM ${into} AS s CROSS JOIN ${baseOf(view)} AS b ON b.${id} = s.id
    CROSS JOIN ${originOf(view)} AS o ON o.${id} = s.id WHERE s.holder = 'both'`;
  return { common, different: countDifferent(bench, suspects, pairs) };
}
