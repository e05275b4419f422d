import { quoteName } from '../../sqlite/names.ts';
import type { TableLens, Triggers } from '../rows/view.ts';
import type { TableDraft } from './draft.ts';

/** The lens that a draft stands for. */
export function lensOf(draft: TableDraft): TableLens | null {
  const { home, columns, key, map } = draft;
  if (home === null || columns.length === 0) return null;
  if (!needsSelect(draft)) return { key, map };
  const triggers = triggersOf(draft);
  const forth = triggers === null ? { forth: draft.forth } : { triggers };
  return { key, map, select: selectLines(draft).join(' '), ...forth };
}

/** Bodies of INSTEAD OF triggers where the table itself has another name; null where it has not. */
export function triggersOf({ table, home, columns, key }: TableDraft): Triggers | null {
  if (home === null || home === table) return null;
  const target = quoteIfNeeded(home);
  const held = columns.flatMap(({ old, latest }) => (latest === null ? [] : [{ old, latest }]));
  const names = held.map(({ latest }) => quoteIfNeeded(latest)).join(', ');
  const values = held.map(({ old }) => `NEW.${quoteIfNeeded(old)}`).join(', ');
  const sets = held
    .filter(({ old }) => !key.includes(old))
    .map(({ old, latest }) => `${quoteIfNeeded(latest)} = NEW.${quoteIfNeeded(old)}`);
  const isIt = held
    .filter(({ old }) => key.includes(old))
    .map(({ old, latest }) => `${quoteIfNeeded(latest)} = OLD.${quoteIfNeeded(old)}`)
    .join(' AND ');
  return {
    insert: `INSERT INTO ${target} (${names}) VALUES (${values});`,
    update:
      sets.length === 0 ? 'SELECT 1;' : `UPDATE ${target} SET ${sets.join(', ')} WHERE ${isIt};`,
    delete: `DELETE FROM ${target} WHERE ${isIt};`,
  };
}

/** True where not every column is read by its own name, so that a SELECT has to say it. */
export function needsSelect({
  table,
  home,
  columns,
}: Pick<TableDraft, 'table' | 'home' | 'columns'>): boolean {
  return home !== table || columns.some(({ old, latest, read }) => read !== null && latest !== old);
}

/** The SELECT of a draft, over the new table, in lines of a readable length. */
export function selectLines({ home, columns }: Pick<TableDraft, 'home' | 'columns'>): string[] {
  const results = columns.flatMap(({ old, latest, read }) => {
    if (read === null) return [];
    return [latest === old ? read : `${read} AS ${quoteIfNeeded(old)}`];
  });
  const lines = ['SELECT'];
  for (const [index, result] of results.entries()) {
    const part = index === results.length - 1 ? result : `${result},`;
    const last = lines.at(-1) ?? '';
    if (last.length + part.length > longestLine) lines.push(`  ${part}`);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return [...lines, `FROM ${quoteIfNeeded(home ?? '')}`];
}

const longestLine = 100;

/** A name as a person writes it: bare where that can be read in one way only. */
export function quoteIfNeeded(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoteName(name);
}

const reserved = new Set(
  `add all alter and as between by case check collate commit constraint create cross default delete distinct drop else
   escape except exists foreign from full group having in index inner insert intersect into is isnull join left limit
   natural not notnull null on or order outer primary references right select set table then to transaction union unique
   update using values when where`.split(/\s+/),
);
