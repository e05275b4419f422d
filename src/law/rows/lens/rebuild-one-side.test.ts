import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from '../../../../test/rows/scene.ts';

const notes = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO notes VALUES (1, 'one'), (2, 'two');`;
const search = `CREATE VIRTUAL TABLE search USING fts5(body, content='notes', content_rowid='id');
  INSERT INTO search(search) VALUES ('rebuild');`;
const rebuild = { search: `INSERT INTO search(search) VALUES ('rebuild')` };
const found = (word: string): string => `SELECT rowid FROM search WHERE search MATCH '${word}'`;

test('what only the new release derives is made anew on the way forth, and not looked for on the way back', async (t) => {
  const scene = openScene(t, { rebuild });
  await scene.state('before', notes);
  await scene.state('after', search, 'before');
  await scene.state('now', `INSERT INTO notes VALUES (3, 'three')`, 'after');
  const back = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(back.discrepancies, []);
  await scene.state('later', `UPDATE notes SET body = 'other' WHERE id = 2`, 'back');
  const forth = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(forth.discrepancies, []);
  assert.deepEqual(scene.list('forth', found('three')), [3]);
  assert.deepEqual(scene.list('forth', found('other')), [2]);
});

test('what only the old release derives is made anew on the way back, and not looked for on the way forth', async (t) => {
  const scene = openScene(t, { rebuild });
  await scene.state('before', `${notes} ${search}`);
  await scene.state('after', 'DROP TABLE search', 'before');
  await scene.state('now', `INSERT INTO notes VALUES (3, 'three')`, 'after');
  const back = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(back.discrepancies, []);
  assert.deepEqual(scene.list('back', found('three')), [3]);
  const forth = await scene.merge(['now', 'back', 'back'], 'forth', { direction: 'forth' });
  assert.deepEqual(forth.discrepancies, []);
  assert.deepEqual(scene.dump('forth'), scene.dump('now'));
});
