import { test } from 'node:test';
import { bothWays, lacksShell } from '../../../test/rows/compiled.ts';
import { random } from '../../../test/rows/laws.ts';
import { plainTerms, Scene } from '../../../test/rows/scene.ts';
import { choices, type Decision } from '../place.ts';
import type { PairTerms } from './pair.ts';
import { fc } from '../../../test/chance.ts';

const runs = { numRuns: Number(process.env['BACKSTEP_LAW_RUNS'] ?? 30) };

interface Story {
  readonly shape: string;
  readonly old: readonly string[];
  readonly upgrade: readonly string[];
  readonly since: readonly string[];
  readonly terms: Partial<PairTerms>;
}

async function goesBackAlike({ shape, old, upgrade, since, terms }: Story): Promise<void> {
  const scene = new Scene({});
  try {
    await scene.state('before', shape);
    scene.attempt('before', old);
    await scene.state('after', '', 'before');
    scene.attempt('after', upgrade);
    await scene.state('now', '', 'after');
    scene.attempt('now', since);
    await bothWays(scene, { ...plainTerms, ...terms });
  } finally {
    scene.close();
  }
}

test('the script carries what the law carries, and parks what it parks, in random databases', async (t) => {
  if (lacksShell(t)) return;
  const property = fc.asyncProperty(random.old, random.since, (old, since) =>
    goesBackAlike({
      shape: random.oldShape,
      old,
      upgrade: [random.upgrade],
      since,
      terms: { lenses: random.lenses },
    }),
  );
  await fc.assert(property, runs);
});

/** Columns that an upgrade may rewrite, unique values, a column that it drops, rows that hang on one another. */
const shape = `
  CREATE TABLE item(id INTEGER PRIMARY KEY AUTOINCREMENT, a, word TEXT COLLATE NOCASE, doc TEXT, u UNIQUE, v UNIQUE CHECK (v IS NOT 5),
    must TEXT NOT NULL DEFAULT 'm', gone DEFAULT (1 + 1));
  CREATE TABLE leaf(k TEXT PRIMARY KEY, item INTEGER DEFAULT 1 REFERENCES item(id) ON DELETE SET DEFAULT, up TEXT REFERENCES leaf(k) ON DELETE CASCADE, note) WITHOUT ROWID;
  CREATE TABLE twig(id INTEGER PRIMARY KEY, item INTEGER REFERENCES item(id) ON DELETE SET NULL, u ANY REFERENCES item(u), n INTEGER, made INTEGER AS (n * 2)) STRICT;
  CREATE TABLE bag(a, b TEXT CHECK (b <> 'no'), UNIQUE (a, b));`;
const seed = Array.from(
  { length: 14 },
  (_none, n) =>
    `INSERT INTO item(id, a, word, doc, u, v) VALUES (${n + 1}, ${n % 3}, '${n % 2 ? 'done' : 'Failed'}', '{"a":${n}}', 'u${n}', ${n + 100})`,
);

const id = fc.integer({ min: 1, max: 18 });
const value = fc.constantFrom(
  'NULL',
  '1',
  '1.0',
  "'1'",
  "'u3'",
  "'u4'",
  '103',
  '5',
  "''",
  "x'00'",
  "'no'",
  `'{"a":1}'`,
  `'{"a": 1}'`,
  "'DONE'",
  "'done'",
  '9007199254740993',
  "'a' || char(0)",
  "cast(x'c328' as text)",
);
const column = fc.constantFrom('a', 'word', 'doc', 'u', 'v', 'must');
const leaf = fc.constantFrom("'k1'", "'k2'", "'K2'", "'k3'");

const edit = fc.oneof(
  fc.tuple(id, column, value).map(([n, c, x]) => `UPDATE item SET ${c} = ${x} WHERE id = ${n}`),
  fc.tuple(id, id, fc.constantFrom('u', 'v')).map(
    ([n, m, c]) =>
      `CREATE TEMP TABLE IF NOT EXISTS swapped(id, x); DELETE FROM swapped;
         INSERT INTO swapped SELECT id, ${c} FROM item WHERE id IN (${n}, ${m});
         UPDATE item SET ${c} = NULL WHERE id IN (${n}, ${m});
         UPDATE item SET ${c} = (SELECT x FROM swapped WHERE swapped.id <> item.id) WHERE id IN (SELECT id FROM swapped)`,
  ),
  fc.tuple(id).map(([n]) => `DELETE FROM item WHERE id = ${n}`),
  fc.tuple(id).map(([n]) => `DELETE FROM item WHERE id < ${n}`),
  fc.tuple(column).map(([c]) => `UPDATE item SET ${c} = '' WHERE id < 13`),
  fc
    .tuple(value, value, value)
    .map(([a, u, v]) => `INSERT INTO item(a, word, u, v) VALUES (${a}, ${a}, ${u}, ${v})`),
  fc
    .tuple(id, value, value)
    .map(([n, a, u]) => `INSERT INTO item(id, a, u) VALUES (${n}, ${a}, ${u})`),
  fc
    .tuple(leaf, id, fc.oneof(leaf, fc.constant('NULL')))
    .map(([k, n, up]) => `INSERT INTO leaf(k, item, up) VALUES (${k}, ${n}, ${up})`),
  fc.tuple(leaf, id).map(([k, n]) => `UPDATE leaf SET item = ${n} WHERE k = ${k}`),
  fc.tuple(leaf, value).map(([k, x]) => `UPDATE leaf SET note = ${x} WHERE k = ${k}`),
  fc.tuple(leaf).map(([k]) => `DELETE FROM leaf WHERE k = ${k}`),
  fc.tuple(id, value).map(([n, x]) => `INSERT INTO twig(item, u, n) SELECT ${n}, ${x}, ${n}`),
  fc.tuple(id, id).map(([n, m]) => `UPDATE twig SET item = ${m} WHERE id = ${n}`),
  fc.tuple(value, value).map(([a, b]) => `INSERT INTO bag(a, b) VALUES (${a}, ${b})`),
  fc.tuple(value).map(([a]) => `DELETE FROM bag WHERE a IS ${a}`),
);

const upgrades = fc.subarray([
  `UPDATE item SET a = a || '!' WHERE id % 2`,
  `UPDATE item SET word = upper(word)`,
  `UPDATE item SET word = 'completed' WHERE word = 'done'`,
  `UPDATE item SET doc = json_set(doc, '$.b', 2) WHERE json_valid(doc)`,
  `UPDATE item SET doc = replace(doc, ':', ': ') WHERE typeof(doc) = 'text'`,
  `DELETE FROM item WHERE id = 4`,
  `UPDATE leaf SET note = 'rewritten'`,
  `INSERT INTO item(id, a, u, v) VALUES (15, 'default', 'u15', 115)`,
  `INSERT INTO leaf(k, item) VALUES ('k9', 15)`,
  `DELETE FROM bag`,
  `ALTER TABLE item DROP COLUMN gone`,
  `ALTER TABLE item ADD COLUMN fresh`,
  `ALTER TABLE bag ADD COLUMN fresh`,
  `CREATE TABLE extra(k TEXT PRIMARY KEY, v)`,
]);
const decisions = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom('item.a', 'item.word', 'item.doc', 'leaf.note', 'bag'),
      fc.constantFrom(...choices),
    ),
    {
      selector: ([place]) => place,
    },
  )
  .map((list) =>
    list.map(([place, choice]): Decision => ({ place, choice, by: 'test', at: '', evidence: '' })),
  );
const terms = fc
  .record({
    decisions,
    isMapped: fc.boolean(),
    identity: fc.constantFrom([], ['a'], ['word', 'u']),
    limit: fc.constantFrom(
      { share: 0.05, rows: 10, unattended: 'park' } as const,
      { share: 0, rows: 1, unattended: 'park' } as const,
      { share: 1, rows: 0, unattended: 'carry' } as const,
    ),
  })
  .map(({ decisions: decided, isMapped, identity, limit }): Partial<PairTerms> => ({
    decisions: decided,
    identity: { item: identity },
    carryLimits: { item: limit, leaf: limit, twig: limit, bag: limit },
    lenses: isMapped ? { item: { map: { word: { completed: 'done' } } } } : {},
  }));

test('so it does where the upgrade rewrote, dropped and added, under any decisions and limits', async (t) => {
  if (lacksShell(t)) return;
  const story = fc.record({
    old: fc.array(edit, { maxLength: 10 }).map((edits) => [...seed, ...edits]),
    upgrade: upgrades,
    since: fc.array(edit, { maxLength: 14 }),
    terms,
  });
  const property = fc.asyncProperty(story, (told) => goesBackAlike({ shape, ...told }));
  await fc.assert(property, runs);
});
