import { quoteName, quoteText } from '../../sqlite/names.ts';
import { sameStored } from '../rows/candidates.ts';
import { cell, sameKey } from '../rows/compare.ts';
import type { View } from '../rows/view.ts';
import { looseWorkOf } from './loose.ts';
import { inState, storedNames, working, workOf } from './names.ts';
import { parkedColumns } from './parked.ts';
import type { Pair } from './pair.ts';
import { unfollowedChildren } from './references.ts';

/** Statements that say what became of each table, one line of text each; nothing is said of what nobody changed. */
export function summaryStatements(pair: Pair): readonly string[] {
  const { views, loose, after, before } = pair;
  return [
    ...views.flatMap(carriedSummary),
    ...loose.map(looseSummary),
    ...parkedTablesOf(pair).map(parkedSummary),
    newTablesSummary([...after.keys(), ...before.keys()]),
    newColumnsSummary,
    newObjectsSummary,
  ];
}

function carriedSummary(view: View): readonly string[] {
  const { delta } = workOf(view);
  const [live, before] = [inState('main', view.table.name), inState('before', view.table.name)];
  const moved = working('moved', view.table.name);
  const first = view.key[0] ?? '';
  return [
    `CREATE TEMP TABLE ${moved} AS SELECT ${cell('r', first)} IS NOT NULL AS is_there,
        ${cell('b', first)} IS NOT NULL AS was_there, NOT ${sameStored('r', 'b', view.table)} AS is_other
      FROM ${delta} AS d LEFT JOIN ${live} AS r ON ${sameKey('r', 'd', view.key)}
        LEFT JOIN ${before} AS b ON ${sameKey('b', 'd', view.key)}`,
    `SELECT ${line(view.table.name)} || ': ' || inserted || ' rows inserted, ' || updated || ' updated, ' || deleted || ' deleted'
      FROM (SELECT coalesce(sum(is_there AND NOT was_there), 0) AS inserted,
          coalesce(sum(is_there AND was_there AND is_other), 0) AS updated,
          coalesce(sum(was_there AND NOT is_there), 0) AS deleted FROM ${moved})
      WHERE inserted + updated + deleted > 0`,
  ];
}

function looseSummary(view: View): string {
  const { copies, taken } = looseWorkOf(view);
  return `SELECT ${line(view.table.name)} || ': ' || inserted || ' rows inserted, 0 updated, ' || deleted || ' deleted'
      FROM (SELECT (SELECT count(*) FROM ${copies}) AS inserted, (SELECT count(*) FROM ${taken}) AS deleted)
      WHERE inserted + deleted > 0`;
}

function parkedTablesOf(pair: Pair): readonly ParkedTable[] {
  const { views, loose, unseen } = pair;
  return [
    ...views.flatMap(({ table, key, columns }): ParkedTable[] => [
      { name: `cells:${table.name}`, table: table.name, ...cellColumns(key) },
      { name: `rows:${table.name}`, table: table.name, ...rowColumns(columns) },
    ]),
    ...loose.map(({ table, columns }): ParkedTable => ({
      name: `rows:${table.name}`,
      table: table.name,
      ...rowColumns(columns),
    })),
    ...unfollowedChildren(pair).map((table): ParkedTable => ({
      name: `unseen rows:${table.name}`,
      table: table.name,
      ...rowColumns(storedNames(table)),
    })),
    ...unseen.map(({ kind, table }): ParkedTable => ({
      name: `blind ${kind}:${table.name}`,
      table: table.name,
      ...(kind === 'cells' ? cellColumns(table.key) : rowColumns(storedNames(table))),
    })),
  ];
}

function cellColumns(columns: readonly string[]): Pick<ParkedTable, 'why' | 'column'> {
  const { why, column } = parkedColumns(columns);
  return { why, column };
}

function rowColumns(columns: readonly string[]): Pick<ParkedTable, 'why' | 'column'> {
  return { why: parkedColumns(columns).why, column: null };
}

/** One table of the file of parked values: how many, and why. */
interface ParkedTable {
  readonly name: string;
  /** Of the user's table. */
  readonly table: string;
  readonly why: string;
  /** The column that names the cell's column, where cells are parked. */
  readonly column: string | null;
}

function parkedSummary({ name, table, why, column }: ParkedTable): string {
  const place =
    column === null ? line(table) : `${line(table)} || '.' || replace(${column}, char(10), ' ')`;
  return `SELECT ${place} || ': ' || count(*) || ${quoteText(column === null ? ' rows parked: ' : ' cells parked: ')} || ${why}
    FROM parked.${quoteName(name)} GROUP BY ${column === null ? why : `${column}, ${why}`}`;
}

/** A statement that names the tables which came since the upgrade: their shape is not known beforehand. */
function newTablesSummary(known: readonly string[]): string {
  return `SELECT 'not carried, and whole in now.db: table ' || replace(name, char(10), ' ') FROM now.sqlite_schema
    WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND name COLLATE NOCASE NOT IN (${known.map(quoteText).join(', ')})`;
}

/** Names the columns which came since the upgrade; what stands in them comes back with `return`. */
const newColumnsSummary = `SELECT 'not carried, and whole in now.db: column ' || replace(t.name || '.' || c.name, char(10), ' ')
    FROM after.sqlite_schema AS t, pragma_table_info(t.name, 'now') AS c
    WHERE t.type = 'table' AND NOT EXISTS
      (SELECT 1 FROM pragma_table_info(t.name, 'after') AS o WHERE o.name = c.name COLLATE NOCASE)`;

/** Names views, and triggers and indexes of tables that were there, which came since the upgrade. */
const newObjectsSummary = `SELECT 'not carried, and in now.db: ' || n.type || ' ' || replace(n.name, char(10), ' ')
    FROM now.sqlite_schema AS n WHERE n.type IN ('view', 'trigger', 'index') AND n.sql IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM after.sqlite_schema AS a WHERE a.type = n.type AND a.name = n.name AND a.sql = n.sql)
      AND (n.type = 'view' OR n.tbl_name COLLATE NOCASE IN (SELECT name FROM after.sqlite_schema))`;

/** A name in a line of its own. */
function line(name: string): string {
  return quoteText(name.replaceAll('\n', ' '));
}
