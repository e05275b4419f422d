/** Single tables that go back, and what is judged at their border. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openScene, type Case, type Scene } from '../../../../test/rows/scene.ts';
import { nodeDisk } from '../../../host/node-disk.ts';
import { BackstepError } from '../../../fault/backstep-error.ts';
import type { MergeReport } from '../merge.ts';
import { placePart } from './place-part.ts';

/** Rolls some tables of a case back: the state `part` is `now` with those. */
async function partBack(
  t: TestContext,
  { old, upgrade, work, terms = {} }: Case,
  tables: readonly string[],
): Promise<{ readonly scene: Scene; readonly report: MergeReport }> {
  const scene = openScene(t, terms);
  await scene.state('before', old);
  await scene.state('after', upgrade, 'before');
  await scene.state('now', work, 'after');
  const only = new Set(tables);
  const report = await scene.merge(['before', 'after', 'now'], 'merged', { only });
  assert.deepEqual(report.discrepancies, []);
  place(scene, tables);
  return { scene, report };
}

function place(scene: Scene, tables: readonly string[]): void {
  const [merged, latest, result] = ['merged', 'now', 'part'].map((name) => scene.file(name));
  assert(merged !== undefined && latest !== undefined && result !== undefined);
  placePart(nodeDisk, { merged, latest, result }, tables);
}

const old = `CREATE TABLE people(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, legacy TEXT DEFAULT 'd');
  CREATE TABLE files(id INTEGER PRIMARY KEY, person INTEGER REFERENCES people(id), size INT);
  CREATE UNIQUE INDEX names ON people(name);
  CREATE TRIGGER named AFTER UPDATE OF name ON people BEGIN UPDATE people SET legacy = 'renamed' WHERE id = NEW.id; END;
  INSERT INTO people VALUES (1, 'ann', 'x'), (2, 'ben', 'y'); INSERT INTO files VALUES (1, 1, 10)`;
const upgrade = `DROP TRIGGER named; ALTER TABLE people DROP COLUMN legacy; ALTER TABLE files ADD COLUMN kind TEXT; ALTER TABLE people ADD COLUMN mail TEXT`;

test('a table goes back with its rows, indexes, triggers and sequence; the others stay as they are now', async (t) => {
  const { scene, report } = await partBack(
    t,
    {
      old,
      upgrade,
      work: `INSERT INTO people(name, mail) VALUES ('cas', 'c'), ('dan', NULL); DELETE FROM people WHERE name = 'dan';
        UPDATE people SET name = 'anna' WHERE id = 1; INSERT INTO files VALUES (2, 3, 20, 'k')`,
    },
    ['people'],
  );
  assert.deepEqual(scene.rows('part', 'SELECT * FROM people'), [
    { id: 1, name: 'anna', legacy: 'x' },
    { id: 2, name: 'ben', legacy: 'y' },
    { id: 3, name: 'cas', legacy: 'd' },
  ]);
  assert.deepEqual(scene.rows('part', 'SELECT * FROM files'), [
    { id: 1, person: 1, size: 10, kind: null },
    { id: 2, person: 3, size: 20, kind: 'k' },
  ]);
  assert.deepEqual(scene.list('part', 'SELECT seq FROM sqlite_sequence'), [4]);
  assert.deepEqual(
    scene.list(
      'part',
      `SELECT name FROM sqlite_schema WHERE type IN ('index', 'trigger') ORDER BY 1`,
    ),
    ['named', 'names'],
  );
  assert.deepEqual(report.outcome.parked, [{ what: 'people.mail', count: 1, why: 'blind' }]);
  assert.deepEqual(report.outcome.carried, { inserted: 1, updated: 1, deleted: 0 });
});

test('a child goes back alone, and keeps its reference to a parent that is new', async (t) => {
  const { scene, report } = await partBack(
    t,
    {
      old,
      upgrade,
      work: `INSERT INTO people(name) VALUES ('cas'); INSERT INTO files VALUES (2, 3, 20, NULL)`,
    },
    ['files'],
  );
  assert.deepEqual(scene.rows('part', 'SELECT * FROM files WHERE id = 2'), [
    { id: 2, person: 3, size: 20 },
  ]);
  assert.deepEqual(scene.list('part', 'SELECT name FROM people'), ['ann', 'ben', 'cas']);
  assert.deepEqual(report.outcome.parked, []);
  assert.deepEqual(scene.dangling('part'), []);
});

const strict = old.replace('name TEXT,', `name TEXT CHECK (name <> 'refused'),`);
const loosened = `CREATE TABLE p2(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT); INSERT INTO p2 SELECT id, name FROM people;
  DELETE FROM files; DROP TABLE people; ALTER TABLE p2 RENAME TO people; INSERT INTO files VALUES (1, 1, 10)`;

test('a parent whose new row the old shape refuses cannot go back alone: the child would point nowhere', async (t) => {
  const work = `INSERT INTO people VALUES (3, 'refused'); INSERT INTO files VALUES (2, 3, 20)`;
  const refused = (error: unknown): boolean =>
    error instanceof BackstepError &&
    error.code === 'law/part' &&
    error.message.includes('1 rows would refer to what is not there (files → people)');
  await assert.rejects(partBack(t, { old: strict, upgrade: loosened, work }, ['people']), refused);
});

test('a view or a trigger of the new release that reads a column of it alone keeps a table from going back', async (t) => {
  for (const reader of [
    'CREATE VIEW mails AS SELECT mail FROM people',
    'CREATE TRIGGER mailed AFTER INSERT ON files BEGIN UPDATE people SET mail = NULL; END',
  ]) {
    const refused = { code: 'law/part', message: /mails|files reads or writes/ };
    const work = `UPDATE people SET mail = 'm'`;
    const upgraded = `${upgrade}; ${reader}`;
    await assert.rejects(partBack(t, { old, upgrade: upgraded, work }, ['people']), refused);
  }
});

test('what is made of several tables, or is in neither release, is refused by name', async (t) => {
  const lenses = {
    people: {
      key: ['id'],
      select:
        'SELECT p.id, p.name, m.mail AS legacy FROM people AS p LEFT JOIN mails AS m USING (id)',
    },
  };
  const made = {
    old,
    upgrade: `${upgrade}; CREATE TABLE mails(id INTEGER PRIMARY KEY, mail TEXT)`,
    work: 'DELETE FROM files',
  };
  await assert.rejects(partBack(t, { ...made, terms: { lenses } }, ['people']), {
    code: 'law/part',
    message: /table people is made of mails/,
  });
  await assert.rejects(partBack(t, made, ['mails']), {
    code: 'law/part',
    message: 'table mails: the wanted release has none of that name',
  });
});

test('what was written after a part went back goes forth by itself again', async (t) => {
  const { scene } = await partBack(
    t,
    {
      old,
      upgrade,
      work: `UPDATE people SET mail = 'm' WHERE id = 1; UPDATE files SET kind = 'k'`,
    },
    ['people'],
  );
  await scene.state(
    'later',
    `UPDATE people SET name = 'anna' WHERE id = 1; UPDATE files SET size = 11`,
    'part',
  );
  const report = await scene.merge(['now', 'part', 'later'], 'forth', {
    direction: 'forth',
    only: new Set(['people']),
  });
  assert.deepEqual(report.discrepancies, []);
  placePart(
    nodeDisk,
    { merged: scene.file('forth'), latest: scene.file('later'), result: scene.file('there') },
    ['people'],
  );
  assert.deepEqual(scene.rows('there', 'SELECT * FROM people WHERE id = 1'), [
    { id: 1, name: 'anna', mail: 'm' },
  ]);
  assert.deepEqual(scene.rows('there', 'SELECT size, kind FROM files'), [{ size: 11, kind: 'k' }]);
});
