import type { Position } from '../../form/problem.ts';
import { isSqliteError, type Database } from '../../sqlite/database.ts';
import { finding, inOrder, type ReversalFinding } from './finding.ts';
import { hitsIn } from './lint.ts';
import { schemaClone } from './schema-clone.ts';
import { statementsOf, type Statement } from './sql/tokens.ts';

/**
 * Judges a script of SQL that was given in place of a reversal file: it is always refused, each of its mistakes by
 * name. With the database as the new release has it (`after`), each statement is run on an empty one of that shape.
 */
export function judgeScript(sql: string, after: string | null): ReversalFinding[] {
  const found = hitsIn(sql, 'script').map(({ rule, token, message, hint }) =>
    finding(rule, { ...positionOf(sql, token.start), path: '', message, hint }),
  );
  const refused = after === null ? [] : refusals(sql, after);
  return inOrder([whole, ...found, ...refused]);
}

const whole = finding('script', {
  line: 1,
  column: 1,
  path: '',
  message:
    'a script changes the new database into an old one in place, and what it does not name is lost',
  hint: 'write a reversal file: `backstep reversal draft` makes a first one; docs/formats/reversal.md',
});

/** Statement after statement; what fails is told, and the next one runs, as the sqlite3 shell does without -bail. */
function refusals(sql: string, after: string): ReversalFinding[] {
  const clone = schemaClone(after);
  try {
    return statementsOf(sql).flatMap((statement, index) => {
      const refusal = refusalOf(clone, textOf(sql, statement));
      if (refusal === null) return [];
      const at = positionOf(sql, statement[0].start);
      const message = `statement ${index + 1}: SQLite says: ${refusal}`;
      return [finding('sqlite', { ...at, path: '', message, hint: '' })];
    });
  } finally {
    clone.close();
  }
}

function refusalOf(clone: Database, sql: string): string | null {
  try {
    clone.exec(sql);
    return null;
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    return error.message;
  }
}

function textOf(sql: string, statement: Statement): string {
  const last = statement.at(-1) ?? statement[0];
  return sql.slice(statement[0].start, last.start + last.source.length);
}

function positionOf(sql: string, offset: number): Position {
  const lines = sql.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
