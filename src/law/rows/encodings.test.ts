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
