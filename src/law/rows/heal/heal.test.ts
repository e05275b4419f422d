import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { migrationsOf, sdmTermsOf } from '../../../../test/rows/sdm-databases.ts';
import { openScene, type Scene } from '../../../../test/rows/scene.ts';
import { healDisplaced, type Healed } from './heal.ts';
import { keepDamageListed } from './refused-damage.ts';

const history = `
  INSERT INTO users(name, password_hash, role, created_at) VALUES ('ann', 'x', 'admin', 't'), ('ben', 'y', 'member', 't');
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
  INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at, legacy_ui_state)
    SELECT 1 + i % 2, 'direct', 'https://example.com/' || i, 'title ' || i, 'best', 'done', 't' || i, '{"pinned":true}' FROM n;`;
/** What SDM's faults blank-titles and delete-rows do, and a user beside them. */
const bad = `
  UPDATE download_history SET v2_component_id = 'queue' WHERE id < 50;
  UPDATE download_history SET title = '' WHERE id > 20;
  DELETE FROM download_history WHERE id <= 20;
  INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at, v2_component_id) VALUES (1, 'direct', 'u', 'fresh', 'best', 'completed', 't', 'api');`;

interface Returned {
  readonly scene: Scene;
  readonly healed: Healed | null;
}

/** To 2.0.0, its damage, back to 1.2.1, some work there, and forth on the healed base: state `forth`. */
async function comeBack(
  t: TestContext,
  { damage, work }: { readonly damage: string; readonly work: string },
): Promise<Returned> {
  const terms = sdmTermsOf('2.0.0', '1.2.1');
  const scene = openScene(t, terms);
  await scene.state('before', `${migrationsOf('1.2.1', 'all')}; ${history}`);
  await scene.state('after', migrationsOf('2.0.0', 'own'), 'before');
  await scene.state('now', damage, 'after');
  assert.deepEqual((await scene.merge(['before', 'after', 'now'], 'back')).discrepancies, []);
  await scene.state('later', work, 'back');
  const [displaced, after, parked, healed] = ['now', 'after', 'back.parked', 'healed'].map((name) =>
    scene.file(name),
  );
  const files = {
    displaced: displaced ?? '',
    after: after ?? '',
    parked: parked ?? '',
    healed: healed ?? '',
  };
  const found = await healDisplaced(files, terms.lenses);
  const base = found === null ? 'now' : 'healed';
  const forth = await scene.merge([base, 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(forth.discrepancies, []);
  assert.deepEqual(scene.dangling('forth'), []);
  return { scene, healed: found };
}

test('titles that were blanked and rows that were deleted stand as right after the upgrade', async (t) => {
  const { scene, healed } = await comeBack(t, { damage: bad, work: '' });
  assert.deepEqual(healed, { rowCount: 20, cellCount: 40, leftCount: 0 });
  const titles = 'SELECT title FROM download_history WHERE id <= 60 ORDER BY id';
  assert.deepEqual(scene.list('forth', titles), scene.list('after', titles));
  const own = `SELECT v2_component_id AS c, count(*) AS n FROM download_history GROUP BY 1 ORDER BY 1`;
  assert.deepEqual(scene.rows('forth', own), [
    { c: 'api', n: 1 },
    { c: 'history', n: 31 },
    { c: 'queue', n: 29 },
  ]);
});

test('what was deleted or changed under the old release since wins over what comes back', async (t) => {
  const { scene } = await comeBack(t, {
    damage: bad,
    work: `DELETE FROM download_history WHERE id IN (3, 30); UPDATE download_history SET title = 'mine' WHERE id IN (4, 40)`,
  });
  const rows = `SELECT id, title, v2_state_snapshot AS s FROM download_history WHERE id IN (3, 4, 5, 30, 40)`;
  const s = '{"schema":2,"ui":{"pinned":true}}';
  assert.deepEqual(scene.rows('forth', rows), [
    { id: 4, title: 'mine', s },
    { id: 5, title: 'title 5', s },
    { id: 40, title: 'mine', s },
  ]);
});

test('a column that is computed from a damaged one comes back with it', async (t) => {
  const { scene } = await comeBack(t, {
    damage: 'UPDATE download_history SET v2_state_snapshot = NULL',
    work: '',
  });
  const snapshots = 'SELECT v2_state_snapshot FROM download_history';
  assert.deepEqual(scene.list('forth', snapshots), scene.list('after', snapshots));
});

test('with a deleted row come those of the new release alone that went with it', async (t) => {
  const more = `CREATE TABLE notes(id INTEGER PRIMARY KEY, download INTEGER REFERENCES download_history(id) ON DELETE CASCADE, text);
    INSERT INTO notes(download, text) SELECT id, 'note ' || id FROM download_history;
    CREATE TABLE marks(note INTEGER PRIMARY KEY REFERENCES notes(id) ON DELETE CASCADE, mark); INSERT INTO marks SELECT id, 'm' FROM notes;`;
  const terms = sdmTermsOf('2.0.0', '1.2.1');
  const scene = openScene(t, terms);
  await scene.state('before', `${migrationsOf('1.2.1', 'all')}; ${history}`);
  await scene.state('after', `${migrationsOf('2.0.0', 'own')}; ${more}`, 'before');
  await scene.state('now', bad, 'after');
  assert.deepEqual(scene.list('now', 'SELECT count(*) FROM marks'), [40]);
  await scene.merge(['before', 'after', 'now'], 'back');
  const paths = {
    displaced: scene.file('now'),
    after: scene.file('after'),
    parked: scene.file('back.parked'),
    healed: scene.file('healed'),
  };
  await healDisplaced(paths, terms.lenses);
  for (const table of ['notes', 'marks']) {
    const rows = `SELECT * FROM ${table} ORDER BY 1`;
    assert.deepEqual(scene.rows('healed', rows), scene.rows('after', rows));
  }
});

test('a row whose place was taken stays away and is counted, nothing is made where nothing was damaged', async (t) => {
  const few = 'DELETE FROM download_history WHERE id = 5';
  assert.equal((await comeBack(t, { damage: few, work: '' })).healed, null);
  const unique = 'CREATE UNIQUE INDEX one_url ON download_history(url);';
  const taken = `INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at) VALUES (1, 'direct', 'https://example.com/7', 'x', 'best', 'failed', 't')`;
  const { healed } = await comeBack(t, { damage: `${bad}; ${taken}; ${unique}`, work: '' });
  assert.deepEqual(healed, { rowCount: 19, cellCount: 40, leftCount: 1 });
});

test('refused damage stays listed', async (t) => {
  const { scene } = await comeBack(t, {
    damage: bad,
    work: `UPDATE download_history SET title = 'x' WHERE id = 30`,
  });
  const listed = keepDamageListed(scene.file('back.parked'), scene.file('forth.parked'));
  assert.deepEqual(listed, [
    { what: 'download_history.title', count: 40, why: 'damage' },
    { what: 'download_history', count: 20, why: 'damage' },
  ]);
  assert.deepEqual(
    scene.list('forth.parked', 'SELECT count(*) FROM "refused rows:download_history"'),
    [20],
  );
  assert.deepEqual(
    scene.list('forth.parked', 'SELECT count(*) FROM "refused cells:download_history"'),
    [40],
  );
});

test('a row whose parent was deleted for good does not come back', async (t) => {
  const { scene, healed } = await comeBack(t, {
    damage: 'DELETE FROM users WHERE id = 2',
    work: '',
  });
  assert.deepEqual(
    scene.list('back.parked', `SELECT count(*) FROM "rows:download_history" WHERE act = 'delete'`),
    [30],
  );
  assert.deepEqual(healed?.rowCount, 0);
  assert.deepEqual(scene.list('forth', 'SELECT count(*) FROM download_history'), [30]);
});
