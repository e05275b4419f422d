/** A referenced value that a user changes, over every action of ON UPDATE. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, openScene, rolledBack } from '../../../../test/rows/scene.ts';

const actions = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION'] as const;
type Action = (typeof actions)[number];

const people = `CREATE TABLE people(id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT);
  INSERT INTO people VALUES (1, 'ann', 'Ann'), (2, 'ben', 'Ben'), (9, 'nobody', 'Nobody')`;

function notes(action: Action): string {
  return `CREATE TABLE notes(id INTEGER PRIMARY KEY, who TEXT DEFAULT 'nobody' REFERENCES people(code) ON UPDATE ${action} DEFERRABLE INITIALLY DEFERRED, body TEXT);
    INSERT INTO notes VALUES (1, 'ann', 'x'), (2, 'ben', 'y')`;
}

const isRefused = (action: Action): boolean => action === 'RESTRICT' || action === 'NO ACTION';

for (const action of actions) {
  test(`a referenced value changes, ON UPDATE ${action}: what the application saw is carried`, async (t) => {
    const first = isRefused(action) ? `UPDATE notes SET who = NULL WHERE who = 'ann';` : '';
    const { scene, report } = await rolledBack(t, {
      old: `${people}; ${notes(action)}`,
      upgrade: 'ALTER TABLE people ADD COLUMN fresh; ALTER TABLE notes ADD COLUMN fresh',
      work: `${first} UPDATE people SET code = 'anna' WHERE id = 1; INSERT INTO notes VALUES (3, 'anna', 'new', 'f')`,
    });
    const now = scene.rows('now', 'SELECT id, who, body FROM notes ORDER BY id');
    assert.deepEqual(scene.rows('back', 'SELECT id, who, body FROM notes ORDER BY id'), now);
    assert.deepEqual(scene.list('back', 'SELECT code FROM people ORDER BY id'), [
      'anna',
      'ben',
      'nobody',
    ]);
    assert.deepEqual(report.outcome.parked, [{ what: 'notes.fresh', count: 1, why: 'blind' }]);
    await comesBack(scene);
  });

  test(`a value that only the old shape references changes, ON UPDATE ${action}: the old release’s action follows`, async (t) => {
    const { scene, report } = await rolledBack(t, {
      old: `${people}; ${notes(action)}`,
      upgrade: 'DROP TABLE notes',
      work: `UPDATE people SET code = 'anna', name = 'Anna' WHERE id = 1`,
    });
    const who = {
      CASCADE: 'anna',
      'SET NULL': null,
      'SET DEFAULT': 'nobody',
      RESTRICT: 'ann',
      'NO ACTION': 'ann',
    };
    assert.deepEqual(scene.rows('back', 'SELECT id, who FROM notes ORDER BY id'), [
      { id: 1, who: who[action] },
      { id: 2, who: 'ben' },
    ]);
    assert.deepEqual(scene.rows('back', 'SELECT code, name FROM people WHERE id = 1'), [
      { code: isRefused(action) ? 'ann' : 'anna', name: 'Anna' },
    ]);
    assert.deepEqual(
      report.outcome.parked,
      isRefused(action) ? [{ what: 'people.code', count: 1, why: 'reference' }] : [],
    );
    await comesBack(scene);
  });
}

test('rows that both releases have, and that only the old one binds, follow a changed value too', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `${people}; ${notes('CASCADE')}`,
    upgrade: `CREATE TABLE n2(id INTEGER PRIMARY KEY, who TEXT, body TEXT); INSERT INTO n2 SELECT * FROM notes;
      DROP TABLE notes; ALTER TABLE n2 RENAME TO notes`,
    work: `UPDATE people SET code = 'anna' WHERE id = 1; UPDATE notes SET body = 'z' WHERE id = 1; INSERT INTO notes VALUES (3, 'ann', 'new')`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT id, who, body FROM notes ORDER BY id'), [
    { id: 1, who: 'anna', body: 'z' },
    { id: 2, who: 'ben', body: 'y' },
    { id: 3, who: 'anna', body: 'new' },
  ]);
  assert.deepEqual(report.outcome.parked, []);
  await comesBack(scene);
});

test('a value that is part of what a child is keeps its parent as it was', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `${people}; CREATE TABLE marks(who TEXT REFERENCES people(code) ON UPDATE CASCADE, day TEXT, note TEXT, PRIMARY KEY (who, day));
      INSERT INTO marks VALUES ('ann', 'mon', 'x')`,
    upgrade: `CREATE TABLE m2(who TEXT, day TEXT, note TEXT, PRIMARY KEY (who, day)); INSERT INTO m2 SELECT * FROM marks;
      DROP TABLE marks; ALTER TABLE m2 RENAME TO marks`,
    work: `UPDATE people SET code = 'anna' WHERE id = 1; UPDATE marks SET note = 'z'`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT * FROM marks'), [
    { who: 'ann', day: 'mon', note: 'z' },
  ]);
  assert.deepEqual(scene.list('back', 'SELECT code FROM people WHERE id = 1'), ['ann']);
  assert.deepEqual(report.outcome.parked, [{ what: 'people.code', count: 1, why: 'reference' }]);
  await comesBack(scene);
});

// The compiled script ends at that constraint, and the kit then restores *before*: see src/law/compiled/change.ts.
test('a constraint that refuses what the key declares keeps the parent as it was', async (t) => {
  const scene = openScene(t);
  await scene.state(
    'before',
    `${people}; CREATE TABLE marks(id INTEGER PRIMARY KEY, who TEXT CHECK (who <> 'anna') REFERENCES people(code) ON UPDATE CASCADE);
      INSERT INTO marks VALUES (1, 'ann')`,
  );
  await scene.state('after', 'DROP TABLE marks', 'before');
  await scene.state('now', `UPDATE people SET code = 'anna' WHERE id = 1`, 'after');
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.rows('back', 'SELECT who FROM marks'), [{ who: 'ann' }]);
  assert.deepEqual(report.outcome.parked, [{ what: 'people.code', count: 1, why: 'reference' }]);
  await comesBack(scene);
});
