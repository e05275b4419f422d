import type { Database } from '../../../sqlite/database.ts';
import { readTables } from '../../../sqlite/schema.ts';
import { tokensOf, type Token } from './tokens.ts';

/**
 * Where in a passage that SQLite refused the name stands that it most likely means: the first behind a dot or a
 * FROM, JOIN, INTO or UPDATE that no table of the database has, else the passage's beginning.
 */
export function suspectIn(db: Database, sql: string): number {
  const tables = readTables(db, 'main');
  const known = new Set(
    [...tables.values()].flatMap(({ name, columns }) => [
      name.toLowerCase(),
      ...columns.map((column) => column.name.toLowerCase()),
    ]),
  );
  const tokens = tokensOf(sql);
  const aliases = aliasesIn(tokens);
  const suspect = tokens.find(
    (token, index) =>
      isNamed(tokens, index) &&
      !known.has(nameOf(token)) &&
      !aliases.has(nameOf(token)) &&
      !['rowid', 'new', 'old', 'excluded'].includes(nameOf(token)),
  );
  return suspect?.start ?? 0;
}

const introducing = new Set(['FROM', 'JOIN', 'INTO', 'UPDATE']);

/** A name that is one for sure: quoted, behind a dot, or where a table stands; and one that stands alone. */
function isNamed(tokens: readonly Token[], index: number): boolean {
  const [before, token, next] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (token?.kind !== 'word' && token?.kind !== 'name') return false;
  if (next?.value === '(' || next?.value === '.') return false;
  if (token.kind === 'name' || before?.value === '.') return true;
  if (before?.kind === 'word' && introducing.has(before.value)) return true;
  return token.kind === 'word' && !keywords.has(token.value) && before?.value !== 'AS';
}

/** Words that stand alone in a statement and are no names: https://www.sqlite.org/lang_keywords.html, the usual ones. */
const keywords = new Set(
  `ALL AND AS ASC BEGIN BETWEEN BY CASE CAST COLLATE CONFLICT CROSS CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP
   DEFAULT DELETE DESC DISTINCT DO ELSE END ESCAPE EXCEPT EXISTS FALSE FILTER FROM FULL GLOB GROUP HAVING IN INNER
   INSERT INTERSECT INTO IS ISNULL JOIN LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NOT NOTHING NOTNULL NULL OFFSET ON
   OR ORDER OUTER OVER PARTITION RECURSIVE REGEXP REPLACE RETURNING RIGHT SELECT SET THEN TRUE UNION UPDATE USING
   VALUES WHEN WHERE WINDOW WITH INTEGER TEXT REAL NUMERIC BLOB NOCASE BINARY RTRIM`.split(/\s+/),
);

/** What stands after AS, and what follows a table or a bracket without it. */
function aliasesIn(tokens: readonly Token[]): Set<string> {
  const aliases = tokens.filter((token, index) => {
    const before = tokens[index - 1];
    return token.kind !== 'symbol' && (before?.value === 'AS' || before?.value === ')');
  });
  return new Set(aliases.map(nameOf));
}

function nameOf(token: Token): string {
  return token.value.toLowerCase();
}
