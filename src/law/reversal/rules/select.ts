import { indexesOf, stands, type Statement } from '../sql/tokens.ts';
import { each, tokenAt, type Habitat, type Hit, type Rule } from './rule.ts';

/** What a SELECT, an expression or a trigger's body has to be, and what would leave rows out. */
export const selectRules: readonly Rule[] = [each(stars), each(innerJoins), kinds];

function stars(statement: Statement, habitat: Habitat): Hit[] {
  if (habitat !== 'select') return [];
  return indexesOf(statement, '*')
    .filter((index) => isStar(statement, index))
    .map((index) => ({
      rule: 'select-star',
      token: tokenAt(statement, index),
      message: '`*` is other columns in another release, and in another order',
      hint: 'name the old table’s columns, one by one',
    }));
}

/** `*` or `t.*` as a result column, and neither `count(*)` nor a product. */
function isStar(statement: Statement, index: number): boolean {
  const opens = [['SELECT'], ['DISTINCT'], ['ALL'], [','], ['.']];
  return opens.some((words) => stands(statement, index - 1, ...words));
}

function innerJoins(statement: Statement, habitat: Habitat): Hit[] {
  if (habitat !== 'select') return [];
  return indexesOf(statement, 'JOIN')
    .filter((index) => !isOuter(statement, index))
    .map((index) => ({
      rule: 'inner-join',
      token: tokenAt(statement, index),
      message:
        'JOIN leaves out every row that has no partner: the old release would see it deleted',
      hint: 'write LEFT JOIN, with coalesce(…) where a value is missing',
    }));
}

function isOuter(statement: Statement, index: number): boolean {
  const before = index - (stands(statement, index - 1, 'OUTER') ? 2 : 1);
  return stands(statement, before, 'LEFT') || stands(statement, before, 'FULL');
}

const places: Readonly<
  Record<Exclude<Habitat, 'script'>, { readonly says: string; readonly first: readonly string[] }>
> = {
  select: { says: 'one SELECT over the new tables', first: ['SELECT', 'WITH', 'VALUES'] },
  forth: { says: 'one expression over the old row', first: [] },
  trigger: {
    says: 'INSERT, UPDATE, DELETE or SELECT over NEW, OLD and the new tables',
    first: ['INSERT', 'UPDATE', 'DELETE', 'SELECT', 'REPLACE'],
  },
  rebuild: {
    says: 'INSERT, UPDATE or DELETE that makes derived data anew',
    first: ['INSERT', 'UPDATE', 'DELETE', 'SELECT', 'REPLACE', 'REINDEX', 'WITH'],
  },
};

function kinds(statements: readonly Statement[], habitat: Habitat): Hit[] {
  if (habitat === 'script') return [];
  const { says, first } = places[habitat];
  const isSingle = habitat === 'select' || habitat === 'forth';
  const wrong = statements.filter(
    ([token], index) => (isSingle && index > 0) || !mayBegin(token.value, first),
  );
  return wrong.map(([token]) => ({
    rule: 'statement',
    token,
    message: `\`${token.source}\` begins another kind of statement than belongs here`,
    hint: `write ${says}`,
  }));
}

const beginsStatement =
  /^(SELECT|WITH|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|ATTACH|DETACH|VACUUM|ANALYZE|REINDEX|TRUNCATE|EXPLAIN|GRANT|MERGE|CALL|SET|LOCK|COPY|DO)$/;

/** An expression begins with anything but the first word of a statement; REPLACE is also a function. */
function mayBegin(word: string, first: readonly string[]): boolean {
  if (first.length > 0) return first.includes(word);
  return word === 'REPLACE' || !beginsStatement.test(word);
}
