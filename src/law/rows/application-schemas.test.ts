/** Schemas as real applications have them, with what only the application itself knows or does. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { surveyDatabases } from './survey/survey-database.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { comesBack, openScene, plainTerms, rolledBack } from '../../../test/rows/scene.ts';

function refused(words: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof BackstepError &&
    error.code === 'law/unsupported-shape' &&
    words.test(error.message);
}

/** Three states of cards in an order that the application defines: the name stands in the file, in the place of NOCASE. */
async function cards(t: TestContext, declared: string): Promise<ReturnType<typeof openScene>> {
  const scene = openScene(t);
  await scene.state('before', `${declared}; INSERT INTO tags VALUES ('Verb', 1)`);
  await scene.state('after', 'ALTER TABLE tags ADD COLUMN collapsed', 'before');
  await scene.state('now', `INSERT INTO tags VALUES ('noun', 2, 1)`, 'after');
  for (const name of ['before', 'after', 'now']) {
    const bytes = readFileSync(scene.file(name), 'latin1');
    writeFileSync(scene.file(name), bytes.replaceAll('COLLATE NOCASE', 'COLLATE DANISH'), 'latin1');
  }
  return scene;
}

for (const declared of [
  'CREATE TABLE tags(tag TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, usn) WITHOUT ROWID',
  `CREATE TABLE tags(tag TEXT PRIMARY KEY, usn); CREATE INDEX named ON tags(tag COLLATE NOCASE)`,
  `CREATE TABLE tags(tag TEXT PRIMARY KEY, usn CHECK (usn <> 'x' COLLATE NOCASE))`,
]) {
  test(`a collation of the application itself is refused by its name: ${declared}`, async (t) => {
    const scene = await cards(t, declared);
    await assert.rejects(
      scene.merge(['before', 'after', 'now'], 'back'),
      refused(/^(tags|named) is declared with COLLATE DANISH, which the application defines/),
    );
    const files = { before: scene.file('before'), after: scene.file('after') };
    assert.throws(() => surveyDatabases(files, plainTerms), refused(/COLLATE DANISH/));
  });
}

test('a collation that only a comment or a text names is none', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x collate french' /* collate german */ COLLATE "nocase")`,
    upgrade: 'ALTER TABLE list ADD COLUMN fresh',
    work: 'INSERT INTO list(id) VALUES (1)',
  });
  assert.deepEqual(scene.list('back', 'SELECT a FROM list'), ['x collate french']);
});

test('views and triggers with functions of the application stay as they are, and rows are carried', async (t) => {
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE books(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT COLLATE NOCASE, sort TEXT);
      INSERT INTO books VALUES (1, 'Dune', 'DUNE'), (2, 'Emma', 'EMMA');
      CREATE VIEW meta AS SELECT id, title_sort(title) AS sorted FROM books;
      CREATE TRIGGER sorted AFTER UPDATE ON books BEGIN UPDATE books SET sort = title_sort(new.title) WHERE id = new.id; END`,
  );
  await scene.state('after', 'ALTER TABLE books ADD COLUMN pages INT', 'before');
  await scene.state(
    'now',
    `DELETE FROM books WHERE id = 1; INSERT INTO books VALUES (3, 'Ulysses', 'ULYSSES', 9);
      DROP TRIGGER sorted; UPDATE books SET title = 'emma!', sort = 'EMMA!' WHERE id = 2`,
    'after',
  );
  const report = await scene.merge(['before', 'after', 'now'], 'back', {
    carryLimits: { books: { share: 1, rows: 9, unattended: 'carry' } },
  });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.rows('back', 'SELECT * FROM books'), [
    { id: 2, title: 'emma!', sort: 'EMMA!' },
    { id: 3, title: 'Ulysses', sort: 'ULYSSES' },
  ]);
  const kept = `SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY name`;
  assert.deepEqual(scene.list('back', kept), ['meta', 'sorted']);
});

const altered: readonly (readonly [what: string, sql: string, words: RegExp])[] = [
  ['dropped', 'DROP TABLE list', /table list was altered .* it is no longer there/],
  [
    'made anew with other columns',
    'DROP TABLE list; CREATE TABLE list(id INTEGER PRIMARY KEY, b)',
    /table list was altered .* it has no a any more/,
  ],
  ['narrowed', 'ALTER TABLE list DROP COLUMN a', /table list was altered .* it has no a any more/],
  [
    'widened, though it has no key,',
    `ALTER TABLE loose ADD COLUMN note; UPDATE loose SET note = 'dear'`,
    /table loose was altered .* it has note, which was not there/,
  ],
];

for (const [what, sql, words] of altered) {
  test(`a table that the application itself has ${what} is refused, and no value is lost`, async (t) => {
    const scene = openScene(t);
    await scene.state(
      'before',
      `CREATE TABLE list(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO list VALUES (1, 'x');
      CREATE TABLE loose(a TEXT); INSERT INTO loose VALUES ('x')`,
    );
    await scene.state('after', 'ALTER TABLE list ADD COLUMN fresh', 'before');
    await scene.state('now', sql, 'after');
    await assert.rejects(scene.merge(['before', 'after', 'now'], 'back'), refused(words));
  });
}

test('what stands in columns that the application itself added is parked, and comes back', async (t) => {
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE list(id INTEGER PRIMARY KEY, a TEXT); INSERT INTO list VALUES (1, 'x'), (2, 'y'), (3, 'z');
      CREATE TABLE pairs(one TEXT, two TEXT, a, PRIMARY KEY (one, two)) WITHOUT ROWID; INSERT INTO pairs VALUES ('p', 'q', 1)`,
  );
  await scene.state(
    'after',
    `ALTER TABLE list ADD COLUMN fresh; CREATE TABLE added(id INTEGER PRIMARY KEY, b); INSERT INTO added VALUES (7, 8)`,
    'before',
  );
  await scene.state(
    'now',
    `ALTER TABLE list ADD COLUMN note; ALTER TABLE list ADD COLUMN stars INT DEFAULT 3;
      UPDATE list SET note = 'dear', fresh = 1 WHERE id = 1; UPDATE list SET a = 'changed', stars = 5 WHERE id = 2;
      INSERT INTO list VALUES (4, 'new', NULL, 'own', 3);
      ALTER TABLE pairs ADD COLUMN note; UPDATE pairs SET note = 'both';
      ALTER TABLE added ADD COLUMN note; UPDATE added SET note = 'later'`,
    'after',
  );
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.dump('back')['schema'], scene.dump('before')['schema']);
  assert.deepEqual(scene.list('back', `SELECT id || a FROM list`), [
    '1x',
    '2changed',
    '3z',
    '4new',
  ]);
  const parked = (table: string, key: string): unknown =>
    scene.list(
      'back.parked',
      `SELECT ${key} || ' ' || "column" || ' ' || "value" FROM "blind cells:${table}" ORDER BY 1`,
    );
  assert.deepEqual(parked('list', 'id'), ['1 fresh 1', '1 note dear', '2 stars 5', '4 note own']);
  assert.deepEqual(parked('pairs', 'one || two'), ['pq note both']);
  assert.deepEqual(parked('added', 'id'), ['7 note later']);
  await comesBack(scene);
});
