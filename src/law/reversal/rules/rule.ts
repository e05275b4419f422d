import type { RuleCode } from '../finding.ts';
import type { Statement, Token } from '../sql/tokens.ts';

/**
 * Where SQL stands: a table's `select`, an expression of `forth`, a body of `triggers`, a statement of `rebuild`, or a
 * script that was given in place of a reversal.
 */
export type Habitat = 'select' | 'forth' | 'trigger' | 'rebuild' | 'script';

/** What a rule found, at a token of the SQL. */
export interface Hit {
  readonly rule: RuleCode;
  readonly token: Token;
  readonly message: string;
  readonly hint: string;
}

/** Judges the statements of one text by their tokens alone. */
export type Rule = (statements: readonly Statement[], habitat: Habitat) => readonly Hit[];

/** A rule that looks at one statement at a time. */
export function each(judge: (statement: Statement, habitat: Habitat) => readonly Hit[]): Rule {
  return (statements, habitat) => statements.flatMap((statement) => judge(statement, habitat));
}

/** The token at an index that is known to be there, else the first of the statement. */
export function tokenAt(statement: Statement, index: number): Token {
  return statement[index] ?? statement[0];
}
