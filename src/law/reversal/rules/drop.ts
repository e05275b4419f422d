import { nameAt, stands, type Statement, type Token } from '../sql/tokens.ts';
import { tokenAt, type Hit, type Rule } from './rule.ts';

/** What a statement takes away: a table, or a column of one. */
interface Dropped {
  readonly table: string;
  /** Null where the whole table goes. */
  readonly column: string | null;
  readonly token: Token;
  /** Which statement does it, and where its action begins. */
  readonly statement: number;
  readonly hidesTypos: boolean;
}

/** A reversal drops nothing: the result is made beside, from the state before the upgrade. */
export const dropRules: readonly Rule[] = [drops, hiddenTypos, usesAfterDrop];

const saysNothing = 'leave it out: the old release’s tables are made as they were, and ';

function drops(statements: readonly Statement[]): Hit[] {
  return droppedIn(statements).map(({ table, column, token }) => ({
    rule: 'drop',
    token,
    message:
      column === null
        ? `drops ${table} with all that users have in it, and parks none of it`
        : `drops ${table}.${column} with all that users have in it, and parks none of it`,
    hint: `${saysNothing}what only the new release has is parked, and comes back with \`return\``,
  }));
}

function hiddenTypos(statements: readonly Statement[]): Hit[] {
  return droppedIn(statements)
    .filter(({ hidesTypos }) => hidesTypos)
    .map(({ table, column, token }) => ({
      rule: 'if-exists',
      token,
      message: `IF EXISTS: were \`${column ?? table}\` spelt wrong, nothing would be done and nothing said`,
      hint: 'leave out IF EXISTS, so that a wrong name is refused',
    }));
}

function usesAfterDrop(statements: readonly Statement[]): Hit[] {
  return droppedIn(statements).flatMap((dropped) =>
    statements.slice(dropped.statement + 1).flatMap((statement, offset): Hit[] => {
      const index = useOf(statement, dropped);
      if (index < 0) return [];
      const name = dropped.column === null ? dropped.table : `${dropped.table}.${dropped.column}`;
      const [first, second] = [dropped.statement + 1, dropped.statement + offset + 2];
      return [
        {
          rule: 'use-after-drop',
          token: tokenAt(statement, index),
          message: `statement ${second} reads ${name}, which statement ${first} has dropped: its values are gone`,
          hint: `read it in \`select:\`; Backstep drops nothing before it is carried and reconciled`,
        },
      ];
    }),
  );
}

/** Where a later statement names what was dropped, making it anew or dropping it again aside; -1 where it does not. */
function useOf(statement: Statement, { table, column }: Dropped): number {
  if (stands(statement, 0, 'DROP')) return -1;
  if (stands(statement, 0, 'CREATE')) return -1;
  const names = statement.map((_, index) => nameAt(statement, index));
  if (column === null) return names.findIndex((name) => isSame(name, table));
  const namesTable = names.some((name) => isSame(name, table));
  const isAltered = stands(statement, 0, 'ALTER');
  return namesTable && !isAltered ? names.findIndex((name) => isSame(name, column)) : -1;
}

/** Names of tables and columns are told apart without case. */
function isSame(a: string | null, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

function droppedIn(statements: readonly Statement[]): Dropped[] {
  return statements.flatMap((statement, index) => [
    ...droppedTables(statement, index),
    ...droppedColumns(statement, index),
  ]);
}

function droppedTables(statement: Statement, at: number): Dropped[] {
  if (!stands(statement, 0, 'DROP', 'TABLE')) return [];
  const hidesTypos = stands(statement, 2, 'IF', 'EXISTS');
  const index = hidesTypos ? 4 : 2;
  const table = nameAt(statement, index);
  if (table === null) return [];
  return [{ table, column: null, token: tokenAt(statement, index), statement: at, hidesTypos }];
}

function droppedColumns(statement: Statement, at: number): Dropped[] {
  const table = nameAt(statement, 2);
  if (!stands(statement, 0, 'ALTER', 'TABLE') || table === null) return [];
  return statement.flatMap((_, index): Dropped[] => {
    if (!stands(statement, index, 'DROP', 'COLUMN')) return [];
    const hidesTypos = stands(statement, index + 2, 'IF', 'EXISTS');
    const named = index + (hidesTypos ? 4 : 2);
    const column = nameAt(statement, named);
    if (column === null) return [];
    return [{ table, column, token: tokenAt(statement, named), statement: at, hidesTypos }];
  });
}
