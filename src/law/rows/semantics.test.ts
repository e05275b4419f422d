/** What only looks like data, or only looks like a change: what must happen to each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, openScene, rolledBack } from '../../../test/rows/scene.ts';

test('values that the upgrade encrypted anew: the old ciphertext stands, what users wrote since is parked', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE accounts(id INTEGER PRIMARY KEY, name TEXT, secret TEXT); INSERT INTO accounts VALUES (1, 'ann', 'v1:aa'), (2, 'ben', 'v1:bb')`,
    upgrade: `UPDATE accounts SET secret = 'v2:' || upper(substr(secret, 4))`,
    work: `UPDATE accounts SET secret = 'v2:CC' WHERE id = 1; UPDATE accounts SET name = 'benno' WHERE id = 2`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT name, secret FROM accounts'), [
    { name: 'ann', secret: 'v1:aa' },
    { name: 'benno', secret: 'v1:bb' },
  ]);
  assert.deepEqual(report.outcome.parked, [
    { what: 'accounts.secret', count: 1, why: 'rewritten' },
  ]);
  await comesBack(scene);
});

test('a meaning that the reversal states is carried both ways: cents and dollars', async (t) => {
  const lenses = {
    bills: {
      key: ['id'],
      select: 'SELECT id, cents / 100 AS dollars, note FROM bills',
      forth: { cents: 'dollars * 100' },
    },
  };
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE bills(id INTEGER PRIMARY KEY, dollars INTEGER, note TEXT); INSERT INTO bills VALUES (1, 10, 'a'), (2, 20, 'b')`,
    upgrade: `ALTER TABLE bills RENAME COLUMN dollars TO cents; UPDATE bills SET cents = cents * 100`,
    work: `UPDATE bills SET cents = 2500 WHERE id = 2; INSERT INTO bills VALUES (3, 300, 'c')`,
    terms: { lenses },
  });
  assert.deepEqual(scene.list('back', 'SELECT dollars FROM bills ORDER BY id'), [10, 25, 3]);
  assert.deepEqual(report.outcome.parked, []);
  await scene.state('later', 'UPDATE bills SET dollars = 7 WHERE id = 1', 'back');
  await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(scene.list('forth', 'SELECT cents FROM bills ORDER BY id'), [700, 2500, 300]);
});

test('a row that was deleted in the new way alone is listed: the old release shows it again', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes VALUES (1, 'a'), (2, 'b')`,
    upgrade: 'ALTER TABLE notes ADD COLUMN deleted_at TEXT',
    work: `UPDATE notes SET deleted_at = '2026-01-01' WHERE id = 2`,
  });
  assert.deepEqual(scene.list('back', 'SELECT text FROM notes'), ['a', 'b']);
  assert.deepEqual(report.outcome.parked, [{ what: 'notes.deleted_at', count: 1, why: 'blind' }]);
  assert.deepEqual(
    scene.rows('back.parked', 'SELECT id, "column", "value" FROM "blind cells:notes"'),
    [{ id: 2, column: 'deleted_at', value: '2026-01-01' }],
  );
  await comesBack(scene);
});

test('data that moved to another table: edited and deleted there, it is edited and empty in its old place', async (t) => {
  const lenses = {
    people: {
      key: ['id'],
      select:
        'SELECT p.id, p.name, f.bio FROM people AS p LEFT JOIN profiles AS f ON f.person = p.id',
    },
  };
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, bio TEXT); INSERT INTO people VALUES (1, 'ann', 'x'), (2, 'ben', 'y'), (3, 'cas', 'z')`,
    upgrade: `CREATE TABLE profiles(person INTEGER PRIMARY KEY REFERENCES people(id), bio TEXT); INSERT INTO profiles SELECT id, bio FROM people; ALTER TABLE people DROP COLUMN bio`,
    work: `DELETE FROM profiles WHERE person = 1; UPDATE profiles SET bio = 'mine' WHERE person = 2`,
    terms: { lenses },
  });
  assert.deepEqual(scene.list('back', 'SELECT bio FROM people ORDER BY id'), [null, 'mine', 'z']);
  assert.deepEqual(report.outcome.parked, []);
});

test('a CHECK of the old shape on a column of both kinds: cells that it refuses keep the old value', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE jobs(id INTEGER PRIMARY KEY, state TEXT CHECK (state IN ('open', 'done')), n INT, name TEXT); INSERT INTO jobs VALUES (1, 'open', 0, 'a'), (2, 'done', 0, 'b'), (3, 'open', 0, 'c')`,
    upgrade: `CREATE TABLE j2(id INTEGER PRIMARY KEY, state TEXT, n INT, name TEXT); INSERT INTO j2 SELECT id, iif(state = 'done', 'closed', state), n, name FROM jobs; DROP TABLE jobs; ALTER TABLE j2 RENAME TO jobs`,
    work: `UPDATE jobs SET state = 'closed', n = 5 WHERE id = 1; UPDATE jobs SET state = 'open', n = 6 WHERE id = 2; UPDATE jobs SET state = 'done' WHERE id = 3`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT state, n FROM jobs ORDER BY id'), [
    { state: 'open', n: 0 },
    { state: 'done', n: 6 },
    { state: 'done', n: 0 },
  ]);
  assert.equal(scene.list('back.parked', 'SELECT count(*) FROM "cells:jobs"')[0], 3);
  assert.deepEqual(
    [...new Set(report.outcome.parked.map(({ why }) => why))],
    ['refused', 'rewritten'],
  );
  await comesBack(scene);
});

test('counters that the old release keeps are made anew from what it has, not from what was', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE lists(id INTEGER PRIMARY KEY, size INT); CREATE TABLE items(id INTEGER PRIMARY KEY, list INT REFERENCES lists(id), word TEXT CHECK (word <> 'new word'));
      CREATE TRIGGER counted AFTER INSERT ON items BEGIN UPDATE lists SET size = size + 1 WHERE id = NEW.list; END;
      INSERT INTO lists VALUES (1, 0); INSERT INTO items VALUES (1, 1, 'a'), (2, 1, 'b')`,
    upgrade: `CREATE TABLE i2(id INTEGER PRIMARY KEY, list INT REFERENCES lists(id), word TEXT); INSERT INTO i2 SELECT * FROM items; DROP TABLE items; ALTER TABLE i2 RENAME TO items;
      CREATE TRIGGER counted AFTER INSERT ON items BEGIN UPDATE lists SET size = size + 1 WHERE id = NEW.list; END`,
    work: `INSERT INTO items VALUES (3, 1, 'new word'), (4, 1, 'd')`,
    terms: {
      rebuild: {
        sizes: 'UPDATE lists SET size = (SELECT count(*) FROM items WHERE list = lists.id)',
      },
    },
  });
  assert.deepEqual(scene.list('back', 'SELECT id FROM items'), [1, 2, 4]);
  assert.deepEqual(scene.list('back', 'SELECT size FROM lists'), [3]);
});

test('a time that a trigger of the new release set is carried, and no trigger sets another one', async (t) => {
  const touch = `CREATE TRIGGER touched AFTER UPDATE OF text ON notes BEGIN UPDATE notes SET changed_at = 'by trigger' WHERE id = NEW.id; END`;
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT, changed_at TEXT); INSERT INTO notes VALUES (1, 'a', 'then'), (2, 'b', 'then'); ${touch}`,
    upgrade: `ALTER TABLE notes ADD COLUMN fresh; DROP TRIGGER touched; ${touch.replace('by trigger', 'new trigger')}`,
    work: `UPDATE notes SET text = 'mine' WHERE id = 1`,
  });
  assert.deepEqual(scene.list('back', 'SELECT changed_at FROM notes'), ['new trigger', 'then']);
  assert.deepEqual(report.outcome.carried, { inserted: 0, updated: 1, deleted: 0 });
  await comesBack(scene);
});

test('an id that VACUUM and a new row gave out again is another thing, hidden rowids that VACUUM shifted are none', async (t) => {
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, mail TEXT, secret TEXT); INSERT INTO people VALUES (1, 'ann', 'a', 's1'), (2, 'ben', 'b', 's2');
     CREATE TABLE words(k TEXT PRIMARY KEY NOT NULL, v); INSERT INTO words(rowid, k, v) VALUES (10, 'a', 1), (20, 'b', 2), (30, 'c', 3)`,
  );
  await scene.state(
    'after',
    'ALTER TABLE people DROP COLUMN secret; ALTER TABLE words ADD COLUMN w',
    'before',
  );
  await scene.state(
    'now',
    `DELETE FROM people WHERE id = 2; VACUUM; INSERT INTO people(name, mail) VALUES ('cas', 'c'); UPDATE words SET v = 9 WHERE k = 'b'`,
    'after',
  );
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.rows('back', 'SELECT id, name, secret FROM people'), [
    { id: 1, name: 'ann', secret: 's1' },
    { id: 2, name: 'cas', secret: null },
  ]);
  assert.deepEqual(scene.rows('back', 'SELECT rowid AS r, k, v FROM words'), [
    { r: 10, k: 'a', v: 1 },
    { r: 20, k: 'b', v: 9 },
    { r: 30, k: 'c', v: 3 },
  ]);
});

test('what was parked comes back after VACUUM and with ids that were given out again', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT CHECK (text <> 'refused'), by TEXT DEFAULT 'me'); INSERT INTO notes VALUES (1, 'a', 'ann'), (2, 'b', 'ann'), (3, 'c', 'ann')`,
    upgrade: `CREATE TABLE n2(id INTEGER PRIMARY KEY, text TEXT, by TEXT DEFAULT 'me', color TEXT); INSERT INTO n2 SELECT *, NULL FROM notes; DROP TABLE notes; ALTER TABLE n2 RENAME TO notes`,
    work: `UPDATE notes SET color = 'red' WHERE id = 2; UPDATE notes SET color = 'blue' WHERE id = 3; INSERT INTO notes VALUES (4, 'refused', 'ann', 'green')`,
  });
  await scene.state(
    'later',
    `DELETE FROM notes WHERE id = 3; VACUUM; INSERT INTO notes(text) VALUES ('another'), ('fourth'); VACUUM`,
    'back',
  );
  const report = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.rows('forth', 'SELECT id, text, color FROM notes ORDER BY text'), [
    { id: 1, text: 'a', color: null },
    { id: 3, text: 'another', color: null },
    { id: 2, text: 'b', color: 'red' },
    { id: 4, text: 'fourth', color: null },
    { id: 5, text: 'refused', color: 'green' },
  ]);
  assert.deepEqual(report.renumbered, [{ table: 'notes', id: '4', newId: '5' }]);
});

test('what was parked comes back into a later release than the one that was left', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes VALUES (1, 'a'), (2, 'b')`,
    upgrade:
      'ALTER TABLE notes ADD COLUMN color TEXT; CREATE TABLE tags(note INTEGER, tag TEXT, PRIMARY KEY (note, tag))',
    work: `UPDATE notes SET color = 'red' WHERE id = 1; INSERT INTO tags VALUES (2, 'x')`,
  });
  await scene.state('later', `UPDATE notes SET text = 'mine' WHERE id = 2`, 'back');
  const next = `ALTER TABLE notes ADD COLUMN starred INT NOT NULL DEFAULT 0; ALTER TABLE tags RENAME COLUMN tag TO label`;
  await scene.state('displaced in 2.1.0', next, 'now');
  const report = await scene.merge(['displaced in 2.1.0', 'back', 'later'], 'forth', {
    direction: 'forth',
  });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.rows('forth', 'SELECT * FROM notes'), [
    { id: 1, text: 'a', color: 'red', starred: 0 },
    { id: 2, text: 'mine', color: null, starred: 0 },
  ]);
  assert.deepEqual(scene.rows('forth', 'SELECT * FROM tags'), [{ note: 2, label: 'x' }]);
});

for (const action of ['SET DEFAULT', 'RESTRICT', 'NO ACTION'] as const) {
  test(`references of the old shape alone to what users deleted: ON DELETE ${action}`, async (t) => {
    const { scene, report } = await rolledBack(t, {
      old: `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO people VALUES (1, 'ann'), (2, 'ben'), (9, 'nobody');
        CREATE TABLE legacy(id INTEGER PRIMARY KEY, person INTEGER DEFAULT 9 REFERENCES people(id) ON DELETE ${action}); INSERT INTO legacy VALUES (1, 1), (2, 2)`,
      upgrade: 'DROP TABLE legacy',
      work: 'DELETE FROM people WHERE id = 1',
    });
    const isKept = action !== 'SET DEFAULT';
    assert.deepEqual(scene.list('back', 'SELECT id FROM people'), isKept ? [1, 2, 9] : [2, 9]);
    assert.deepEqual(scene.list('back', 'SELECT person FROM legacy'), isKept ? [1, 2] : [9, 2]);
    assert.equal(report.outcome.parked.length, isKept ? 1 : 0);
  });
}

test('a key that changed takes its children with it, composite and to the table itself', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE halls(town TEXT, name TEXT, old_only DEFAULT 'd', PRIMARY KEY (town, name));
      CREATE TABLE shows(id INTEGER PRIMARY KEY, town TEXT, hall TEXT, after INTEGER REFERENCES shows(id) ON DELETE CASCADE,
        FOREIGN KEY (town, hall) REFERENCES halls(town, name) ON UPDATE CASCADE ON DELETE SET NULL);
      INSERT INTO halls VALUES ('a', 'x', 'o'), ('b', 'y', 'o'); INSERT INTO shows VALUES (1, 'a', 'x', NULL), (2, 'a', 'x', 1), (3, 'b', 'y', 2)`,
    upgrade: 'ALTER TABLE halls DROP COLUMN old_only',
    work: `UPDATE halls SET name = 'x2' WHERE town = 'a'; DELETE FROM halls WHERE town = 'b'; UPDATE shows SET after = 3 WHERE id = 1`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT town, hall, after FROM shows ORDER BY id'), [
    { town: 'a', hall: 'x2', after: 3 },
    { town: 'a', hall: 'x2', after: 1 },
    { town: null, hall: null, after: 2 },
  ]);
  await comesBack(scene);
});
