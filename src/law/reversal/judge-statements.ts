import { nearest } from '../../form/nearest.ts';
import type { Path } from '../../form/problem.ts';
import { quoteName } from '../../sqlite/names.ts';
import { readTables, type Table } from '../../sqlite/schema.ts';
import { columnNamed, isSameName, tableNamed } from '../../sqlite/spelling.ts';
import type { Shape } from '../rows/view.ts';
import type { ReversalFinding } from './finding.ts';
import { judgeTriggers } from './judge-triggers.ts';
import { refusal, say, type Entry, type Judging } from './judging.ts';
import { passagesOfTable, type Passage } from './lint.ts';
import type { DatabaseReversal, TableReversal } from './reversal.ts';
import { requiredColumn } from './required-column.ts';

/** Lets SQLite judge every statement of one database's part, by preparing it on the shape that it is meant for. */
export function judgeStatements(judging: Judging): ReversalFinding[] {
  const part = judging.reversal.databases[judging.asset];
  if (part === undefined) return [];
  const old = readTables(judging.before, 'main');
  const shapes = { old, latest: readTables(judging.after, 'main', old) };
  const tables = Object.entries(part.tables).flatMap(([name, table]) =>
    judgeTable(judging, shapes, { name, table }),
  );
  return [...tables, ...judgeRebuild(judging, shapes, part)];
}

interface Shapes {
  readonly old: Shape;
  readonly latest: Shape;
}

function judgeTable(judging: Judging, { old, latest }: Shapes, entry: Entry): ReversalFinding[] {
  const { name, table } = entry;
  const path = ['sqlite', judging.asset, name];
  const declared = tableNamed(old, name);
  if (declared === undefined) {
    const near = nearest(name, [...old.keys()]);
    const hint =
      near === null ? `its tables: ${[...old.keys()].join(', ')}` : `did you mean \`${near}\`?`;
    const message = `the old release has no table \`${name}\``;
    return [say(judging, path, { rule: 'unknown-table', message, hint })];
  }
  return [
    ...judgeNames(judging, path, { declared, table, home: latest.get(declared.name) }),
    ...judgeSelect(judging, path, { declared, table }),
    ...judgeForth(judging, path, entry),
    ...judgeTriggers(judging, path, entry),
  ];
}

interface Declared {
  /** The old table. */
  readonly declared: Table;
  readonly table: TableReversal;
}

/** Columns that `key`, `map` and `forth` name, and the key that is left where none is written. */
function judgeNames(
  judging: Judging,
  path: Path,
  { declared, table, home }: Declared & { readonly home: Table | undefined },
): ReversalFinding[] {
  const known = declared.columns.map(({ name }) => name);
  const unknown = (where: Path, column: string, columns: readonly string[]): ReversalFinding => {
    const near = nearest(column, columns);
    const hint = near === null ? `its columns: ${columns.join(', ')}` : `did you mean \`${near}\`?`;
    const message = `the table has no column \`${column}\``;
    return say(judging, where, { rule: 'unknown-column', message, hint });
  };
  const missing = (where: Path, columns: readonly string[]): ReversalFinding[] =>
    columns
      .filter((column) => columnNamed(declared, column) === undefined)
      .map((column) => unknown(where, column, known));
  const columns = (home?.columns ?? []).filter(({ isGenerated }) => !isGenerated);
  const stored = columns.map(({ name }) => name);
  const forth = Object.keys(table.forth ?? {}).filter(
    (column) => columnNamed({ columns }, column) === undefined,
  );
  return [
    ...missing([...path, 'key'], table.key ?? []),
    ...Object.keys(table.map ?? {}).flatMap((column) =>
      missing([...path, 'map', column], [column]),
    ),
    ...forth.map((column) => unknown([...path, 'forth', column], column, stored)),
    ...(table.key === undefined && declared.key.length === 0 ? [keyless(judging, path)] : []),
  ];
}

function keyless(judging: Judging, path: Path): ReversalFinding {
  const message = 'the old table declares no primary key, so its rows cannot be told apart';
  return say(judging, path, { rule: 'missing-key', message, hint: 'add `key: [column, …]`' });
}

function judgeSelect(
  judging: Judging,
  path: Path,
  { declared, table }: Declared,
): ReversalFinding[] {
  const [passage] = passagesOfTable(path, table).filter(({ habitat }) => habitat === 'select');
  if (passage === undefined) return [];
  const refused = refusal(judging, judging.after, { passage, sql: passage.sql });
  if (refused !== null) return [refused];
  const yielded = judging.after.columnsOf(passage.sql);
  const stored = declared.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
  const holds = (names: readonly string[], name: string): boolean =>
    names.some((each) => isSameName(each, name));
  const strange = yielded.filter((column) => !holds(stored, column));
  const missing = stored.filter((column) => !holds(yielded, column));
  const key = missing.filter((column) => holds(table.key ?? declared.key, column));
  return [
    ...strange.map((column) => {
      const hint = `name it with AS one of: ${stored.join(', ')}`;
      const message = `yields \`${column}\`, which the old table does not have`;
      return say(judging, passage.path, { rule: 'unknown-column', message, hint });
    }),
    ...missing
      .filter((column) => !key.includes(column))
      .map((column) => {
        const found = declared.columns.find(({ name }) => name === column);
        const hint = (found === undefined ? null : requiredColumn(found)) ?? '';
        const message = `does not yield \`${column}\`: rows from before keep theirs, new rows get the default`;
        return say(judging, passage.path, { rule: 'missing-column', message, hint });
      }),
    ...key.map((column) => {
      const message = `does not yield \`${column}\`, which belongs to the key`;
      return say(judging, passage.path, {
        rule: 'missing-key',
        message,
        hint: 'yield it, or write another `key:`',
      });
    }),
  ];
}

/** Expressions over the old row, as the way forth evaluates them. */
function judgeForth(judging: Judging, path: Path, { name, table }: Entry): ReversalFinding[] {
  return passagesOfTable(path, table)
    .filter(({ habitat }) => habitat === 'forth')
    .flatMap((passage) => {
      const sql = `SELECT ${passage.sql}\nFROM ${quoteName(name)} AS s`;
      const refused = refusal(judging, judging.before, { passage, sql });
      return refused === null ? [] : [refused];
    });
}

/**
 * Derived data is made anew on the result, whichever way is gone; but for what is named after a table that only one of
 * the releases has, which is made anew there alone.
 */
function judgeRebuild(
  judging: Judging,
  { old, latest }: Shapes,
  { rebuild }: DatabaseReversal,
): ReversalFinding[] {
  const has = (shape: Shape, name: string): boolean => tableNamed(shape, name) !== undefined;
  return Object.entries(rebuild).flatMap(([name, statements]) => {
    const isOfNewOnly = has(latest, name) && !has(old, name);
    const isOfOldOnly = has(old, name) && !has(latest, name);
    return statements.flatMap((sql, index) => {
      const path = ['sqlite', judging.asset, 'rebuild', name];
      const passage: Passage = {
        path: statements.length > 1 ? [...path, index] : path,
        habitat: 'rebuild',
        sql,
      };
      const back = isOfNewOnly ? null : refusal(judging, judging.before, { passage, sql });
      if (back !== null) return [back];
      const forth = isOfOldOnly ? null : refusal(judging, judging.after, { passage, sql });
      if (forth === null) return [];
      const message = `on the way forth it would fail: ${forth.message}`;
      const hint =
        'name it after the table that only the old release has, or write what both releases take';
      return [{ ...forth, severity: 'warning', message, hint }];
    });
  });
}
