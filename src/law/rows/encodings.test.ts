import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surveyDatabases } from './survey/survey-database.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { comesBack, openScene, plainTerms, rolledBack } from '../../../test/rows/scene.ts';

for (const encoding of ['UTF-16le', 'UTF-16be'] as const) {
  test(`a database in ${encoding} stays in it`, async (t) => {
    const { scene, report } = await rolledBack(t, {
      old: `PRAGMA encoding = '${encoding}'; CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT, old_only); CREATE TABLE bag(a);
        INSERT INTO names VALUES (1, 'Łódź', 'o'), (2, '日本', 'o'), (3, '😀', 'o')`,
      upgrade: `ALTER TABLE names DROP COLUMN old_only; ALTER TABLE names ADD COLUMN fresh`,
      work: `UPDATE names SET name = 'Kraków' WHERE id = 1; INSERT INTO names(name) VALUES ('東京'); DELETE FROM names WHERE id = 3; INSERT INTO bag VALUES ('ß')`,
    });
    assert.deepEqual(scene.list('back', 'PRAGMA encoding'), [encoding]);
    assert.deepEqual(scene.list('back', 'SELECT name FROM names ORDER BY id'), [
      'Kraków',
      '日本',
      '東京',
    ]);
    assert.deepEqual(scene.list('back', 'SELECT a FROM bag'), ['ß']);
    assert.deepEqual(report.outcome.parked, []);
    await comesBack(scene);
    const found = surveyDatabases(
      { before: scene.file('before'), after: scene.file('after') },
      plainTerms,
    ).findings.find(({ place }) => place === 'names.name');
    assert.equal(found?.faith, 'faithful');
  });
}

test('an upgrade that changed the encoding is refused by name', async (t) => {
  const scene = openScene(t);
  await scene.state('before', 'CREATE TABLE names(id INTEGER PRIMARY KEY, name)');
  await scene.state(
    'after',
    `PRAGMA encoding = 'UTF-16'; CREATE TABLE names(id INTEGER PRIMARY KEY, name)`,
  );
  const isRefused = (error: unknown): boolean =>
    error instanceof BackstepError &&
    error.code === 'law/unsupported-shape' &&
    /UTF-8.*UTF-16/.test(error.message);
  await assert.rejects(scene.merge(['before', 'after', 'after'], 'back'), isRefused);
  const files = { before: scene.file('before'), after: scene.file('after') };
  assert.throws(() => surveyDatabases(files, plainTerms), isRefused);
});

test('a database of which the upgrade changed page size, vacuum mode and application id has its own again', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `PRAGMA page_size = 1024; PRAGMA auto_vacuum = FULL; PRAGMA application_id = 77; PRAGMA user_version = 3;
      CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT, old_only); INSERT INTO names VALUES (1, 'a', 'o')`,
    upgrade: `ALTER TABLE names DROP COLUMN old_only; PRAGMA application_id = 78; PRAGMA user_version = 4; PRAGMA page_size = 8192; PRAGMA auto_vacuum = NONE; VACUUM`,
    work: `UPDATE names SET name = 'b'; INSERT INTO names VALUES (2, 'c')`,
  });
  const settings = ['page_size', 'auto_vacuum', 'application_id', 'user_version'];
  const of = (name: string): unknown[] =>
    settings.map((setting) => scene.list(name, `PRAGMA ${setting}`)[0]);
  assert.deepEqual(of('now'), [8192, 0, 78, 4]);
  assert.deepEqual(of('back'), [1024, 1, 77, 3]);
  assert.deepEqual(scene.list('back', 'SELECT name FROM names'), ['b', 'c']);
  await comesBack(scene);
  assert.deepEqual(of('forth'), [8192, 0, 78, 4]);
});
