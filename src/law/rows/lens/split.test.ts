import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BackstepError } from '../../../fault/backstep-error.ts';
import { openScene, type Scene } from '../../../../test/rows/scene.ts';
import type { Lenses } from '../view.ts';

/** One old table that the new release keeps in two; it knows of each file what the old one does not. */
const oldShape = `
  CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
  CREATE TABLE downloads(id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    title TEXT NOT NULL UNIQUE, status TEXT, state TEXT, file TEXT);
  INSERT INTO people VALUES (1, 'ann'), (2, 'ben');
  INSERT INTO downloads VALUES (1, 1, 'one', 'done', '{"a":1, "b":2}', 'one.mp4'), (2, 2, 'two', 'failed', NULL, NULL), (3, 1, 'three', 'done', NULL, 'three.mp4');
`;
const upgrade = `
  PRAGMA foreign_keys = OFF;
  CREATE TABLE files(download INTEGER PRIMARY KEY REFERENCES downloads(id) ON DELETE CASCADE, file TEXT CHECK (file <> 'refused'), checksum TEXT);
  INSERT INTO files SELECT id, file, 'sum ' || id FROM downloads WHERE file IS NOT NULL;
  ALTER TABLE downloads DROP COLUMN file;
  ALTER TABLE downloads ADD COLUMN component TEXT;
  ALTER TABLE downloads RENAME COLUMN title TO caption;
  UPDATE downloads SET component = 'main', status = replace(status, 'done', 'completed'), state = json_object('ui', json(state)) WHERE 1;
`;
const insertion = `INSERT INTO downloads(id, person, caption, status, state) VALUES (NEW.id, NEW.person, NEW.title, NEW.status, json_object('ui', json(NEW.state)));
  INSERT INTO files(download, file) SELECT NEW.id, NEW.file WHERE NEW.file IS NOT NULL;`;
const update = `UPDATE downloads SET person = NEW.person, caption = NEW.title, status = NEW.status,
    state = json_set(state, '$.ui', json(NEW.state)) WHERE id = OLD.id;
  INSERT INTO files(download, file) SELECT OLD.id, NEW.file WHERE NEW.file IS NOT NULL
    ON CONFLICT(download) DO UPDATE SET file = excluded.file;
  DELETE FROM files WHERE download = OLD.id AND NEW.file IS NULL`;
const deletion = `DELETE FROM files WHERE download = OLD.id; DELETE FROM downloads WHERE id = OLD.id; -- both`;
const lenses = {
  downloads: {
    map: { status: { completed: 'done' } },
    key: ['id'],
    select: `SELECT d.id, d.person, d.caption AS title, d.status, json_extract(d.state, '$.ui') AS state, f.file
      FROM downloads AS d LEFT JOIN files AS f ON f.download = d.id`,
    triggers: { insert: insertion, update, delete: deletion },
  },
} satisfies Lenses;

const shown = `SELECT d.id, caption, status, json_extract(state, '$.ui') AS state, component, file, checksum
  FROM downloads AS d LEFT JOIN files ON download = d.id ORDER BY d.id`;

async function pair(t: TestContext): Promise<Scene> {
  const scene = openScene(t, { lenses });
  await scene.state('before', oldShape);
  await scene.state('after', upgrade, 'before');
  return scene;
}

/** Back from `now`, some work there, and forth again; the state is called `forth`. */
async function roundTrip(scene: Scene, work: string): ReturnType<Scene['merge']> {
  const back = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(back.discrepancies, []);
  await scene.state('later', work, 'back');
  const forth = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(forth.discrepancies, []);
  assert.deepEqual(scene.dangling('forth'), []);
  return forth;
}

test('back and forth with no change between gives exactly now', async (t) => {
  const scene = await pair(t);
  await scene.state(
    'now',
    `UPDATE files SET checksum = 'own' WHERE download = 3;
     INSERT INTO downloads VALUES (4, 2, 'four', 'completed', NULL, 'queue'); INSERT INTO files VALUES (4, 'four.mp4', 'sum 4');
     DELETE FROM downloads WHERE id = 1;`,
    'after',
  );
  await roundTrip(scene, '');
  assert.deepEqual(scene.dump('forth'), scene.dump('now'));
});

test('edits under the old release are led through the triggers, what it does not know stays', async (t) => {
  const scene = await pair(t);
  await scene.state('now', `UPDATE files SET checksum = 'own' WHERE download = 1`, 'after');
  const report = await roundTrip(
    scene,
    `UPDATE downloads SET title = 'retitled', state = '{"a":7, "b":2}' WHERE id = 1;
     UPDATE downloads SET file = 'two.mp4', status = 'done' WHERE id = 2;
     DELETE FROM downloads WHERE id = 3;
     INSERT INTO downloads(person, title, status, state, file) VALUES (1, 'five', 'done', '{"n":1.0}', 'five.mp4'), (2, 'six', 'failed', NULL, NULL);`,
  );
  assert.deepEqual(scene.rows('forth', shown), [
    {
      id: 1,
      caption: 'retitled',
      status: 'completed',
      state: '{"a":7,"b":2}',
      component: 'main',
      file: 'one.mp4',
      checksum: 'own',
    },
    {
      id: 2,
      caption: 'two',
      status: 'completed',
      state: null,
      component: 'main',
      file: 'two.mp4',
      checksum: null,
    },
    {
      id: 4,
      caption: 'five',
      status: 'completed',
      state: '{"n":1.0}',
      component: null,
      file: 'five.mp4',
      checksum: null,
    },
    {
      id: 5,
      caption: 'six',
      status: 'failed',
      state: null,
      component: null,
      file: null,
      checksum: null,
    },
  ]);
  assert.deepEqual(report.outcome.carried, { inserted: 2, updated: 2, deleted: 1 });
  assert.deepEqual(report.outcome.parked, []);
  assert.deepEqual(scene.list('forth', 'SELECT count(*) FROM files'), [3]);
});

test('what a trigger or a constraint refuses is parked, the rest goes through', async (t) => {
  const scene = await pair(t);
  await scene.state('now', `UPDATE downloads SET component = 'x'`, 'after');
  const report = await roundTrip(
    scene,
    `UPDATE downloads SET file = 'refused' WHERE id = 1; UPDATE downloads SET title = 'again' WHERE id = 2;
     INSERT INTO downloads(id, person, title, file) VALUES (8, 1, 'eight', 'refused'), (9, 1, 'nine', 'nine.mp4');`,
  );
  assert.deepEqual(scene.list('forth', 'SELECT caption FROM downloads ORDER BY id'), [
    'one',
    'again',
    'three',
    'nine',
  ]);
  assert.deepEqual(report.outcome.parked, [
    { what: 'downloads.file', count: 1, why: 'refused' },
    { what: 'downloads', count: 1, why: 'refused' },
  ]);
  assert.deepEqual(
    scene.list('forth', `SELECT seq FROM sqlite_sequence WHERE name = 'downloads'`),
    [9],
  );
});

test('unique values that make way for one another all arrive', async (t) => {
  const scene = await pair(t);
  await scene.state('now', `UPDATE downloads SET component = 'x'`, 'after');
  const report = await roundTrip(
    scene,
    `UPDATE downloads SET title = 'free' WHERE id = 3; UPDATE downloads SET title = 'three' WHERE id = 2; UPDATE downloads SET title = 'two' WHERE id = 1`,
  );
  assert.deepEqual(scene.list('forth', 'SELECT caption FROM downloads ORDER BY id'), [
    'two',
    'three',
    'free',
  ]);
  assert.deepEqual(report.outcome.parked, []);
});

test('a trigger that does not lead a change into the new state has it parked', async (t) => {
  const scene = await pair(t);
  const triggers = {
    insert: insertion,
    update: 'UPDATE downloads SET caption = NEW.title WHERE id = OLD.id;',
    delete: 'SELECT 1;',
  };
  const lost = { lenses: { downloads: { ...lenses.downloads, triggers } } };
  await scene.state(
    'later',
    `UPDATE downloads SET title = 'x', status = 'failed' WHERE id = 1; UPDATE downloads SET title = 'y' WHERE id = 2; DELETE FROM downloads WHERE id = 3`,
    'before',
  );
  const report = await scene.merge(['after', 'before', 'later'], 'forth', {
    ...lost,
    direction: 'forth',
  });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.list('forth', 'SELECT caption FROM downloads ORDER BY id'), [
    'one',
    'y',
    'three',
  ]);
  assert.deepEqual(report.outcome.parked, [
    { what: 'downloads.status', count: 1, why: 'refused' },
    { what: 'downloads.title', count: 1, why: 'refused' },
    { what: 'downloads', count: 1, why: 'refused' },
  ]);
});

test('a trigger that moves what nobody changed is found', async (t) => {
  const scene = await pair(t);
  await scene.state('later', `UPDATE downloads SET title = 'x' WHERE id = 1`, 'before');
  for (const more of [
    `UPDATE downloads SET component = 'gone';`,
    `UPDATE files SET checksum = NULL;`,
    `UPDATE downloads SET status = 'failed' WHERE id = 3;`,
  ]) {
    const triggers = { ...lenses.downloads.triggers, update: `${update}; ${more}` };
    const name = `result of ${more.length}`;
    const report = await scene.merge(['after', 'before', 'later'], name, {
      direction: 'forth',
      lenses: { downloads: { ...lenses.downloads, triggers } },
    });
    assert.notDeepEqual(report.discrepancies, [], more);
  }
});

test('a row made since under the id of a parked one keeps it, the parked one gets another', async (t) => {
  const scene = await pair(t);
  await scene.state(
    'now',
    `INSERT INTO downloads VALUES (4, 2, 'parked', 'strange word', NULL, 'c'); INSERT INTO files VALUES (4, 'p.mp4', 'sum');`,
    'after',
  );
  const report = await roundTrip(
    scene,
    `INSERT INTO downloads(id, person, title, status) VALUES (4, 1, 'made since', 'done')`,
  );
  assert.deepEqual(report.renumbered, [{ table: 'downloads', id: '4', newId: '5' }]);
  assert.deepEqual(
    scene.rows(
      'forth',
      `SELECT d.id, caption, component, file, checksum FROM downloads AS d LEFT JOIN files ON download = d.id WHERE d.id > 3`,
    ),
    [
      { id: 4, caption: 'made since', component: null, file: null, checksum: null },
      { id: 5, caption: 'parked', component: 'c', file: 'p.mp4', checksum: 'sum' },
    ],
  );
});

test('a parent that was deleted since takes with it what only the new release has', async (t) => {
  const scene = await pair(t);
  await scene.state(
    'now',
    `INSERT INTO downloads VALUES (4, 2, 'parked', 'strange word', NULL, 'c'); INSERT INTO files VALUES (4, 'p.mp4', 'sum');`,
    'after',
  );
  const report = await roundTrip(scene, 'DELETE FROM people WHERE id = 2');
  assert.deepEqual(scene.list('forth', 'SELECT id FROM downloads'), [1, 3]);
  assert.deepEqual(scene.list('forth', 'SELECT download FROM files'), [1, 3]);
  assert.equal(
    report.outcome.parked.some(({ what, why }) => what === 'downloads' && why === 'reference'),
    true,
  );
});

test('triggers that SQLite does not take are refused by name, as are tables of the old release', async (t) => {
  const scene = await pair(t);
  await scene.state('extra', `CREATE TABLE only_old(x)`, 'before');
  await scene.state('later', `UPDATE downloads SET title = 'x' WHERE id = 1`, 'extra');
  for (const [wrong, said] of [
    ['UPDAT downloads', /update trigger/],
    ['UPDATE downloads SET caption = (SELECT x FROM only_old)', /only_old/],
    ['UPDATE downloads SET caption = (SELECT count(*) FROM only_old)', /only_old/],
    ['UPDATE nowhere SET x = 1', /nowhere/],
  ] as const) {
    const triggers = { ...lenses.downloads.triggers, update: wrong };
    await assert.rejects(
      scene.merge(['after', 'extra', 'later'], `result of ${wrong.length}`, {
        direction: 'forth',
        lenses: { downloads: { ...lenses.downloads, triggers } },
      }),
      (error) =>
        error instanceof BackstepError && error.code === 'law/lens' && said.test(error.message),
      wrong,
    );
  }
});

test('triggers may count the rows of a new table and ask for its largest id', async (t) => {
  const counting = `${insertion} UPDATE downloads SET component = (SELECT count(*) FROM files) || ' ' || (SELECT max(id) FROM people)
    WHERE id = NEW.id;`;
  const triggers = { ...lenses.downloads.triggers, insert: counting };
  const scene = await pair(t);
  await scene.state('later', `INSERT INTO downloads(person, title) VALUES (1, 'four')`, 'before');
  const report = await scene.merge(['after', 'before', 'later'], 'forth', {
    direction: 'forth',
    lenses: { downloads: { ...lenses.downloads, triggers } },
  });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.list('forth', 'SELECT component FROM downloads WHERE id = 4'), ['2 2']);
});

test('triggers may write a table that both releases have', async (t) => {
  const tagged = `${insertion} INSERT INTO people VALUES (1000 + NEW.id, 'made by the trigger');`;
  const triggers = { ...lenses.downloads.triggers, insert: tagged };
  const scene = await pair(t);
  await scene.state(
    'later',
    `INSERT INTO downloads(person, title) VALUES (1, 'four'); UPDATE people SET name = 'renamed' WHERE id = 2`,
    'before',
  );
  const report = await scene.merge(['after', 'before', 'later'], 'forth', {
    direction: 'forth',
    lenses: { downloads: { ...lenses.downloads, triggers } },
  });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.list('forth', 'SELECT name FROM people ORDER BY id'), [
    'ann',
    'renamed',
    'made by the trigger',
  ]);
});
