import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackstepError } from '../../fault/backstep-error.ts';
import { Database } from '../../sqlite/database.ts';
import { sameKey } from './compare.ts';
import { comesBack, openScene, rolledBack } from '../../../test/rows/scene.ts';

test('the index of a key with a collation of its own serves', () => {
  using db = Database.open(':memory:');
  db.exec(
    `CREATE TABLE words(k TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID; CREATE TABLE changed(k TEXT)`,
  );
  const plan = db
    .all(`EXPLAIN QUERY PLAN SELECT count(*) FROM changed AS d
      WHERE EXISTS (SELECT 1 FROM words AS b WHERE ${sameKey('b', 'd', ['k'])})`)
    .map((row) => String(row['detail']));
  assert.ok(
    plan.some((step) => step.startsWith('SEARCH b')),
    plan.join('\n'),
  );
});

test('keys that only a collation takes for one are two things', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE words(k TEXT COLLATE NOCASE PRIMARY KEY, v, old_only DEFAULT 'd') WITHOUT ROWID; CREATE TABLE trimmed(k TEXT COLLATE RTRIM PRIMARY KEY, v);
      INSERT INTO words VALUES ('Bob', 1, 'o'), ('Eve', 2, 'o'); INSERT INTO trimmed VALUES ('a ', 1)`,
    upgrade: 'ALTER TABLE words DROP COLUMN old_only',
    work: `UPDATE words SET v = v + 10, k = 'bob' WHERE k = 'Bob'; UPDATE trimmed SET k = 'a'`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT * FROM words ORDER BY v'), [
    { k: 'Eve', v: 2, old_only: 'o' },
    { k: 'bob', v: 11, old_only: 'd' },
  ]);
  assert.deepEqual(scene.list('back', 'SELECT k FROM trimmed'), ['a']);
  await comesBack(scene);
});

test('a table of more columns than its parked copy can have is refused by name', async (t) => {
  const scene = openScene(t);
  const columns = Array.from({ length: 1_999 }, (_none, n) => `c${n}`).join(', ');
  await scene.state('before', `CREATE TABLE wide(id INTEGER PRIMARY KEY, ${columns})`);
  await scene.state('after', 'CREATE TABLE fresh(a INTEGER PRIMARY KEY)', 'before');
  await assert.rejects(
    scene.merge(['before', 'after', 'after'], 'back'),
    (error) =>
      error instanceof BackstepError &&
      error.code === 'law/unsupported-shape' &&
      error.message.includes('wide') &&
      error.message.includes('2000'),
  );
});

test('WITHOUT ROWID and STRICT together, with a composite key and a stored column', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE seats(hall TEXT, seat INTEGER, who ANY, price REAL, label TEXT AS (hall || seat) STORED, old_only TEXT,
        PRIMARY KEY (hall, seat DESC)) STRICT, WITHOUT ROWID;
      INSERT INTO seats(hall, seat, who, price, old_only) VALUES ('a', 1, 1, 2, 'o'), ('a', 2, '1', 2.5, 'o'), ('b', 1, x'31', -0.5, 'o')`,
    upgrade: 'ALTER TABLE seats DROP COLUMN old_only',
    work: `UPDATE seats SET who = 1.5 WHERE hall = 'a' AND seat = 2; DELETE FROM seats WHERE hall = 'b'; INSERT INTO seats(hall, seat, who, price) VALUES ('c', 9007199254740993, NULL, 3)`,
  });
  assert.deepEqual(
    scene.texts('back', 'SELECT hall, seat, who, price, label FROM seats ORDER BY hall, seat'),
    scene.texts('now', 'SELECT hall, seat, who, price, label FROM seats ORDER BY hall, seat'),
  );
  assert.deepEqual(scene.list('back', `SELECT old_only FROM seats WHERE hall = 'a'`), ['o', 'o']);
  await comesBack(scene);
});

for (const [what, declared] of [
  ['with content of its own', 'CREATE VIRTUAL TABLE found USING fts5(text)'],
  ['without content', `CREATE VIRTUAL TABLE found USING fts5(text, content='')`],
] as const) {
  test(`full text ${what} is refused by name where nothing says how it is made anew`, async (t) => {
    const scene = openScene(t);
    await scene.state('before', `${declared}; INSERT INTO found(rowid, text) VALUES (1, 'a')`);
    await scene.state('after', 'CREATE TABLE fresh(a INTEGER PRIMARY KEY)', 'before');
    await assert.rejects(
      scene.merge(['before', 'after', 'after'], 'back'),
      (error) =>
        error instanceof BackstepError &&
        error.code === 'law/unsupported-shape' &&
        error.message.includes('found'),
    );
  });
}

for (const content of [`content='notes', content_rowid='id'`, '', `content=''`]) {
  test(`full text of a table's rows is made anew on the result: fts5(text, ${content})`, async (t) => {
    const make = `INSERT INTO found(rowid, text) SELECT id, text FROM notes`;
    const clear = `INSERT INTO found(found) VALUES ('delete-all')`;
    const drop = content === '' ? 'DELETE FROM found' : clear;
    const { scene } = await rolledBack(t, {
      old: `CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT, kind TEXT, old_only); CREATE VIRTUAL TABLE found USING fts5(text${content === '' ? '' : `, ${content}`});
        CREATE TRIGGER indexed AFTER INSERT ON notes BEGIN INSERT INTO found(rowid, text) VALUES (NEW.id, NEW.text); END;
        INSERT INTO notes VALUES (1, 'red apple', 'k', 'o'), (2, 'blue pear', 'k', 'o')`,
      upgrade: 'ALTER TABLE notes DROP COLUMN old_only',
      work: `UPDATE notes SET text = 'green apple' WHERE id = 2; INSERT INTO notes VALUES (3, 'blue plum', 'k')`,
      terms: { rebuild: { found: `${drop}; ${make}` } },
    });
    const ids = (word: string): unknown[] =>
      scene.list('back', `SELECT rowid FROM found WHERE found MATCH '${word}' ORDER BY rowid`);
    assert.deepEqual(ids('apple'), [1, 2]);
    assert.deepEqual(ids('blue'), [3]);
  });
}
