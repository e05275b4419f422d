import { indexesOf, stands, type Statement } from '../sql/tokens.ts';
import { each, tokenAt, type Hit, type Rule } from './rule.ts';

/** What other databases understand, and SQLite does not: https://www.sqlite.org/lang.html */
export const dialectRules: readonly Rule[] = [
  each(cascades),
  each(columnConditions),
  each(severalActions),
  each(doubleColons),
  each(truncates),
  each(foreignWords),
];

function cascades(statement: Statement): Hit[] {
  if (!stands(statement, 0, 'DROP')) return [];
  return ['CASCADE', 'RESTRICT'].flatMap((word) =>
    indexesOf(statement, word).map((index) => ({
      rule: 'cascade',
      token: tokenAt(statement, index),
      message: `SQLite has no \`${word}\` on a DROP: this statement would fail, and those after it would run`,
      hint: 'leave it out; in SQLite nothing depends on a table but its own indexes and triggers',
    })),
  );
}

function columnConditions(statement: Statement): Hit[] {
  const conditions = [
    ['DROP', 'COLUMN', 'IF', 'EXISTS'],
    ['ADD', 'COLUMN', 'IF', 'NOT', 'EXISTS'],
  ];
  return conditions.flatMap((words) =>
    indexesOf(statement, ...words).map((index) => ({
      rule: 'if-exists-column',
      token: tokenAt(statement, index + 2),
      message: `SQLite has no \`${words.slice(2).join(' ')}\` on a column`,
      hint: 'the columns of both releases are known: name in `select:` those that the old table has',
    })),
  );
}

function severalActions(statement: Statement): Hit[] {
  if (!stands(statement, 0, 'ALTER', 'TABLE')) return [];
  const actions = ['DROP', 'ADD', 'RENAME', 'ALTER', 'MODIFY', 'CHANGE'];
  const second = statement.findIndex((_, index) =>
    actions.some((action) => stands(statement, index, ',', action)),
  );
  if (second < 0) return [];
  return [
    {
      rule: 'several-actions',
      token: tokenAt(statement, second),
      message: 'SQLite takes one action in an ALTER TABLE, and this one has several',
      hint: 'leave it out: the old table is made as it was before the upgrade, `select:` fills it',
    },
  ];
}

function doubleColons(statement: Statement): Hit[] {
  return indexesOf(statement, '::').map((index) => {
    const type = statement[index + 1]?.source ?? 'type';
    return {
      rule: 'double-colon',
      token: tokenAt(statement, index),
      message: `SQLite has no cast \`::${type}\``,
      hint: `write CAST(… AS ${type.toUpperCase()}), or leave it out where the value has that type already`,
    };
  });
}

function truncates(statement: Statement): Hit[] {
  if (!stands(statement, 0, 'TRUNCATE')) return [];
  return [
    {
      rule: 'truncate',
      token: statement[0],
      message: 'SQLite has no TRUNCATE',
      hint: 'derived data is emptied by DELETE FROM … in `rebuild:`; nothing else is to be emptied',
    },
  ];
}

/** Word → what SQLite has in its place. Functions stand with their bracket. */
const foreign: readonly (readonly [words: readonly string[], hint: string])[] = [
  [['ILIKE'], 'LIKE ignores the case of ASCII letters'],
  [['SIMILAR', 'TO'], 'use GLOB or LIKE'],
  [['NOW', '('], 'the time of the run belongs in no reversal: take a column'],
  [['GETDATE', '('], 'the time of the run belongs in no reversal: take a column'],
  [['ISNULL', '('], 'write coalesce(…)'],
  [['NVL', '('], 'write coalesce(…)'],
  [['AUTO_INCREMENT'], 'the old table is made as it was; leave it out'],
  [['JSONB_BUILD_OBJECT', '('], 'write json_object(…)'],
  [['JSON_BUILD_OBJECT', '('], 'write json_object(…)'],
  [['TOP'], 'write LIMIT at the end, if it is needed at all'],
];

function foreignWords(statement: Statement): Hit[] {
  return foreign.flatMap(([words, hint]) =>
    indexesOf(statement, ...words)
      .filter((index) => words[0] !== 'TOP' || isTop(statement, index))
      .map((index) => ({
        rule: 'other-dialect',
        token: tokenAt(statement, index),
        message: `SQLite has no \`${words.join(' ').replace(' (', '(…)')}\``,
        hint,
      })),
  );
}

/** `SELECT TOP 10 …`, and not a column of that name. */
function isTop(statement: Statement, index: number): boolean {
  return stands(statement, index - 1, 'SELECT') && statement[index + 1]?.kind === 'number';
}
