import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleCode } from '../finding.ts';
import { hitsIn } from '../lint.ts';
import { tokensOf } from '../sql/tokens.ts';
import type { Habitat } from './rule.ts';
import { fc } from '../../../../test/chance.ts';

/** SQL in which one rule finds one thing, at the text in `«»`; and SQL that looks like it and is fine. */
const cases: readonly (readonly [
  rule: RuleCode,
  habitat: Habitat,
  wrong: string,
  fine: string | null,
])[] = [
  ['cascade', 'script', 'DROP TABLE a «CASCADE»', 'SELECT cascade FROM a'],
  ['if-exists-column', 'script', 'ALTER TABLE a DROP COLUMN «IF» EXISTS b', 'SELECT 1'],
  ['if-exists-column', 'script', 'ALTER TABLE a ADD COLUMN «IF» NOT EXISTS b TEXT', null],
  [
    'several-actions',
    'script',
    'ALTER TABLE a DROP COLUMN b«,» DROP COLUMN c',
    'ALTER TABLE a ADD COLUMN b CHECK (b IN (1, 2))',
  ],
  ['double-colon', 'select', 'SELECT a«::»text AS a FROM b', `SELECT '::' AS a FROM b`],
  ['truncate', 'rebuild', '«TRUNCATE» TABLE a', 'DELETE FROM a'],
  ['other-dialect', 'select', 'SELECT a FROM b WHERE a «ILIKE» c', 'SELECT ilike_it FROM b'],
  ['other-dialect', 'forth', '«now»()', '"now"'],
  ['other-dialect', 'select', 'SELECT «TOP» 5 a FROM b', 'SELECT top FROM b'],
  ['use-after-drop', 'script', 'DROP TABLE a; SELECT b FROM «a»', 'SELECT b FROM a; DROP TABLE a'],
  [
    'use-after-drop',
    'script',
    'ALTER TABLE a DROP COLUMN B; UPDATE a SET c = «b» WHERE 1',
    'ALTER TABLE a DROP COLUMN b; UPDATE d SET c = b WHERE 1',
  ],
  ['if-exists', 'script', 'DROP TABLE IF EXISTS «a»', 'DROP TABLE a'],
  ['drop', 'rebuild', 'DROP TABLE «a»', 'DELETE FROM a'],
  ['alter', 'rebuild', '«ALTER» TABLE a RENAME TO b', 'INSERT INTO a SELECT 1'],
  ['foreign-keys', 'rebuild', 'PRAGMA «foreign_keys» = OFF', null],
  ['writable-schema', 'rebuild', 'PRAGMA «writable_schema» = ON', null],
  ['pragma', 'rebuild', 'PRAGMA «journal_mode» = OFF', null],
  ['version-row', 'rebuild', 'PRAGMA «user_version» = 3', null],
  [
    'version-row',
    'script',
    `UPDATE «Schema_Migrations» SET version = '1' WHERE version = '2'`,
    'SELECT version FROM schema_migrations',
  ],
  ['or-ignore', 'trigger', 'INSERT «OR» IGNORE INTO a VALUES (NEW.b)', null],
  [
    'or-ignore',
    'trigger',
    'INSERT «OR» REPLACE INTO a VALUES (NEW.b)',
    `INSERT INTO a VALUES (replace(NEW.b, 'x', 'y')) ON CONFLICT (b) DO NOTHING`,
  ],
  ['or-ignore', 'trigger', '«REPLACE» INTO a VALUES (NEW.b)', null],
  ['select-star', 'select', 'SELECT «*» FROM a', 'SELECT count(*) AS n, b * c AS d FROM a'],
  ['select-star', 'select', 'SELECT a.«*» FROM a', null],
  [
    'inner-join',
    'select',
    'SELECT a.b FROM a «JOIN» c ON c.d = a.d',
    'SELECT a.b FROM a LEFT OUTER JOIN c ON c.d = a.d LEFT JOIN e ON e.d = a.d',
  ],
  ['no-where', 'trigger', '«UPDATE» a SET b = NEW.b', 'UPDATE a SET b = NEW.b WHERE id = OLD.id'],
  ['no-where', 'trigger', '«DELETE» FROM a', 'DELETE FROM a WHERE id = OLD.id'],
  ['non-deterministic', 'forth', '«random»()', 'random_seed'],
  ['non-deterministic', 'select', 'SELECT «CURRENT_TIMESTAMP» AS a FROM b', null],
  [
    'non-deterministic',
    'select',
    `SELECT «datetime»('now') AS a FROM b`,
    `SELECT datetime(a, 'unixepoch') AS a FROM b WHERE c = 'now'`,
  ],
  [
    'non-deterministic',
    'select',
    `SELECT «strftime»('%H', a, 'unixepoch', 'LocalTime') AS a FROM b`,
    `SELECT datetime(a, 'unixepoch') AS a, 'localtime' AS zone FROM b`,
  ],
  ['non-deterministic', 'select', `SELECT «date»(coalesce(a, 1), 'now') AS a FROM b`, null],
  ['non-deterministic', 'select', `SELECT «timediff»('now', a) AS a FROM b`, null],
  ['transaction', 'trigger', '«COMMIT»', null],
  ['attach', 'rebuild', `«ATTACH» 'x.db' AS x`, null],
  ['statement', 'select', '«DELETE» FROM a WHERE 1', 'WITH a AS (SELECT 1 AS b) SELECT b FROM a'],
  ['statement', 'select', 'SELECT b FROM a; «SELECT» c FROM d', 'SELECT b FROM a;'],
  ['statement', 'forth', '«SELECT» a FROM b', '(SELECT a FROM b)'],
];

for (const [rule, habitat, marked, fine] of cases) {
  const wrong = marked.replaceAll(/[«»]/g, '');
  test(`${rule}: ${wrong}`, () => {
    const hits = hitsIn(wrong, habitat).filter((hit) => hit.rule === rule);
    assert.deepEqual(
      hits.map(({ token }) => token.start),
      [marked.indexOf('«')],
    );
    assert.ok(hits.every(({ message, hint }) => message !== '' && hint !== ''));
    if (fine === null) return;
    assert.deepEqual(
      hitsIn(fine, habitat).filter((hit) => hit.rule === rule),
      [],
    );
  });
}

test('comments, texts and quoted names hide what stands in them', () => {
  const sql = `SELECT a, -- CASCADE ::text
    /* RANDOM() */ 'it''s ILIKE', "TRUNCATE", [now ()], x'00' AS b FROM c`;
  assert.deepEqual(hitsIn(sql, 'select'), []);
});

test('tokens are all of the text but blanks and comments, and nothing makes them fail', () => {
  for (const sql of [`a'open`, `"open`, '/* open', `'it''s' x'0F' 1.5e-3 .5 a->>b`, 'é $1 ?2 :n']) {
    const tokens = tokensOf(sql);
    for (const { source, start } of tokens)
      assert.equal(sql.slice(start, start + source.length), source);
  }
  assert.deepEqual(
    tokensOf(`x'0F' 1.5e-3 "a""b" 'it''s'`).map(({ value }) => value),
    [`x'0F'`, '1.5e-3', 'a"b', "it's"],
  );
});

test('whatever is written, tokens are found and rules do not fail', () => {
  const piece = fc.constantFrom(
    ...`SELECT * FROM t JOIN DROP TABLE IF EXISTS a CASCADE ALTER COLUMN , :: ( ) ' " [ \` -- /* */ ; 'x' "y" 1e+ .5 x'0`.split(
      ' ',
    ),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' ')),
  );
  fc.assert(
    fc.property(text, (sql) => {
      let end = 0;
      for (const { source, start } of tokensOf(sql)) {
        assert.match(sql.slice(end, start), /^(?:\s|--[^\n]*|\/\*[^]*?(?:\*\/|$))*$/u);
        assert.equal(sql.slice(start, start + source.length), source);
        end = start + source.length;
      }
      for (const habitat of ['select', 'forth', 'trigger', 'rebuild', 'script'] as const) {
        hitsIn(sql, habitat);
      }
    }),
    { numRuns: 500 },
  );
});
