import type { Table } from '../../sqlite/schema.ts';

/** A table of the other shape and its columns that hold a view's key. */
export interface Raw {
  readonly table: Table;
  readonly key: readonly string[];
}

/** The table of which a SELECT reads one row for each that it yields, under the same key; null where that is not sure. */
export function rawOf(table: Table | undefined, key: Raw['key'], select: string): Raw | null {
  return table === undefined || dependsOnMore.test(select) ? null : { table, key };
}

/** What makes a row depend on others, or on the hour. A word too many costs time only. */
const dependsOnMore =
  /\b(over|group|having|limit|distinct|union|intersect|except|values|with|exists|random|randomblob|date|time|datetime|julianday|strftime|unixepoch|timediff|current_\w+|changes|total_changes|last_insert_rowid|count|sum|total|avg|min|max|group_concat|string_agg|json_group_\w+|jsonb_group_\w+)\b|\(\s*select\b/i;
