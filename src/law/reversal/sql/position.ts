import type { Position } from '../../../form/problem.ts';

/** SQL as it stands in a file. */
export interface WrittenSql {
  /** The whole file. */
  readonly file: string;
  /** Where the value begins: for a block (`|`), its indicator. */
  readonly at: Position;
  /** The value as it was read from the file. */
  readonly sql: string;
}

/**
 * Where an offset of the SQL stands in its file. YAML takes the indentation out of a block and escapes out of quotes, so
 * the SQL's line is searched for where it should stand; where it is not found as it is, the value's beginning is told.
 */
export function positionIn({ file, at, sql }: WrittenSql, offset: number): Position {
  const before = sql.slice(0, offset).split('\n');
  const index = before.length - 1;
  const column = (before.at(-1) ?? '').length;
  const wanted = (sql.split('\n')[index] ?? '').trimEnd();
  if (wanted === '') return at;
  const lines = file.split('\n');
  for (let line = at.line + index; line <= lines.length; line += 1) {
    const found = (lines[line - 1] ?? '').indexOf(wanted, line === at.line ? at.column - 1 : 0);
    if (found >= 0) return { line, column: found + column + 1 };
  }
  return at;
}
