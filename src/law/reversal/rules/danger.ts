import { bookkeepingTables } from '../../rows/bookkeeping.ts';
import { indexesOf, nameAt, stands, type Statement } from '../sql/tokens.ts';
import { each, tokenAt, type Habitat, type Hit, type Rule } from './rule.ts';

/** What SQLite would run, and what would lose something. */
export const dangerRules: readonly Rule[] = [
  each(silentLosses),
  each(everyRow),
  each(chance),
  each(versionRows),
  each(transactions),
  each(attachments),
  each(pragmas),
  each(alterations),
];

function silentLosses(statement: Statement): Hit[] {
  const hint = 'name the conflict: ON CONFLICT (column) DO UPDATE SET …, or DO NOTHING';
  const words = ['IGNORE', 'REPLACE'].flatMap((word) =>
    indexesOf(statement, 'OR', word).map((index) => ({
      rule: 'or-ignore' as const,
      token: tokenAt(statement, index),
      message: `OR ${word}: a row that breaks any rule of the table is lost and nothing is said`,
      hint,
    })),
  );
  const replaces = stands(statement, 0, 'REPLACE', 'INTO')
    ? [
        {
          rule: 'or-ignore' as const,
          token: statement[0],
          message: 'REPLACE deletes rows that stand in its way, without their triggers',
          hint,
        },
      ]
    : [];
  return [...words, ...replaces];
}

/** In `rebuild:` derived data is made anew as a whole. */
function everyRow(statement: Statement, habitat: Habitat): Hit[] {
  if (habitat === 'rebuild' || habitat === 'select') return [];
  const isWriting = stands(statement, 0, 'UPDATE') || stands(statement, 0, 'DELETE', 'FROM');
  if (!isWriting || indexesOf(statement, 'WHERE').length > 0) return [];
  return [
    {
      rule: 'no-where',
      token: statement[0],
      message: `${statement[0].value} without WHERE changes every row of the table, for one row of the old one`,
      hint: 'add WHERE with the key: WHERE id = OLD.id',
    },
  ];
}

/** Functions that take something from the machine when a word below, or nothing, is given to them. */
const clocks = ['DATE', 'TIME', 'DATETIME', 'JULIANDAY', 'UNIXEPOCH', 'STRFTIME', 'TIMEDIFF'];

/** What they take from the machine where it is given to them: the hour, or the time zone of its environment. */
const ofTheMachine = ['now', 'localtime', 'utc'];

function chance(statement: Statement): Hit[] {
  const found = statement.flatMap((token, index) => {
    const isChance =
      (token.kind === 'word' && /^CURRENT_(TIME|DATE|TIMESTAMP)$/.test(token.value)) ||
      stands(statement, index, 'RANDOM', '(') ||
      stands(statement, index, 'RANDOMBLOB', '(');
    return isChance || isClock(statement, index) ? [token] : [];
  });
  return found.map((token) => ({
    rule: 'non-deterministic',
    token,
    message: `\`${token.source}\` may give another value at the next run or on another machine, so nothing can be compared with it`,
    hint: 'take a column, or a constant',
  }));
}

function isClock(statement: Statement, index: number): boolean {
  if (!clocks.some((clock) => stands(statement, index, clock, '('))) return false;
  if (stands(statement, index + 2, ')')) return true;
  return statement
    .slice(index, closingAfter(statement, index))
    .some(({ kind, value }) => kind === 'text' && ofTheMachine.includes(value.toLowerCase()));
}

/** Where the first bracket after a token is closed again, or the end. */
function closingAfter(statement: Statement, index: number): number {
  let depth = 0;
  for (let at = index; at < statement.length; at += 1) {
    if (stands(statement, at, '(')) depth += 1;
    if (!stands(statement, at, ')')) continue;
    depth -= 1;
    if (depth === 0) return at;
  }
  return statement.length;
}

const writing: readonly (readonly string[])[] = [
  ['UPDATE'],
  ['DELETE', 'FROM'],
  ['INSERT', 'INTO'],
  ['REPLACE', 'INTO'],
];

function versionRows(statement: Statement): Hit[] {
  const words = writing.find((start) => stands(statement, 0, ...start));
  const name = words === undefined ? null : nameAt(statement, words.length);
  if (words === undefined || name === null) return [];
  if (!bookkeepingTables.some((table) => table.toLowerCase() === name.toLowerCase())) return [];
  return [
    {
      rule: 'version-row',
      token: tokenAt(statement, words.length),
      message: `writes \`${name}\`: the record of what was migrated is lost, and it fails where the older version has its row`,
      hint: 'leave it out: bookkeeping and user_version are those from before the upgrade',
    },
  ];
}

const transactional = ['BEGIN', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT', 'RELEASE'];

function transactions(statement: Statement): Hit[] {
  const word = transactional.find((start) => stands(statement, 0, start));
  if (word === undefined) return [];
  return [
    {
      rule: 'transaction',
      token: statement[0],
      message: `${word}: a COMMIT of its own keeps what was done so far, whatever fails afterwards`,
      hint: 'leave it out: the result is built beside the live database and takes its place at once, or not at all',
    },
  ];
}

function attachments(statement: Statement): Hit[] {
  if (!stands(statement, 0, 'ATTACH') && !stands(statement, 0, 'DETACH')) return [];
  return [
    {
      rule: 'attach',
      token: statement[0],
      message: `${statement[0].value}: another file would be read or written that is not captured`,
      hint: 'declare that database as an asset of its own',
    },
  ];
}

function pragmas(statement: Statement): Hit[] {
  if (!stands(statement, 0, 'PRAGMA')) return [];
  const name = (nameAt(statement, 1) ?? '').toLowerCase();
  const token = tokenAt(statement, 1);
  const hint = 'leave it out: Backstep sets what it needs, and checks that it is set';
  switch (name) {
    case 'foreign_keys':
    case 'defer_foreign_keys': {
      const message = `PRAGMA ${name} does nothing inside a transaction: a table that is rebuilt would take its children along`;
      return [{ rule: 'foreign-keys', token, message, hint }];
    }
    case 'writable_schema': {
      const message = 'PRAGMA writable_schema can make the file unreadable';
      return [{ rule: 'writable-schema', token, message, hint }];
    }
    case 'user_version':
    case 'schema_version': {
      const message = `PRAGMA ${name}: it is that from before the upgrade`;
      return [{ rule: 'version-row', token, message, hint }];
    }
    default:
      return [
        { rule: 'pragma', token, message: `PRAGMA ${name} has no place in a reversal`, hint },
      ];
  }
}

function alterations(statement: Statement): Hit[] {
  const isSchema = stands(statement, 0, 'ALTER') || stands(statement, 0, 'CREATE');
  if (!isSchema) return [];
  return [
    {
      rule: 'alter',
      token: statement[0],
      message: `${statement[0].value}: the schema of the result is that from before the upgrade, line by line`,
      hint: 'leave it out, and say in `select:` what the old columns hold',
    },
  ];
}
