import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from '../../../../test/rows/scene.ts';

const lenses = {
  files: {
    key: ['id'],
    select: 'SELECT d.id, d.title, p.path FROM documents AS d JOIN paths AS p ON p.document = d.id',
    triggers: {
      insert:
        'INSERT INTO documents(id, title) VALUES (NEW.id, NEW.title); INSERT INTO paths(document, path) VALUES (NEW.id, NEW.path)',
      update:
        'UPDATE documents SET title = NEW.title WHERE id = OLD.id; UPDATE paths SET path = NEW.path WHERE document = OLD.id',
      delete: 'DELETE FROM paths WHERE document = OLD.id; DELETE FROM documents WHERE id = OLD.id',
    },
  },
};

test('unique values that are exchanged in a ring all arrive, beside a change that is refused', async (t) => {
  const scene = openScene(t, { lenses });
  await scene.state(
    'before',
    `CREATE TABLE files(id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, path TEXT);
     INSERT INTO files VALUES (1, 'one', 'a'), (2, 'two', 'b'), (3, 'three', 'c'), (4, 'four', 'd')`,
  );
  await scene.state(
    'after',
    `CREATE TABLE documents(id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, mark TEXT);
     CREATE TABLE paths(document INTEGER PRIMARY KEY REFERENCES documents(id), path TEXT CHECK (path <> 'refused'));
     INSERT INTO documents SELECT id, title, 'mark ' || id FROM files; INSERT INTO paths SELECT id, path FROM files; DROP TABLE files`,
    'before',
  );
  const back = await scene.merge(['before', 'after', 'after'], 'back');
  assert.deepEqual(back.discrepancies, []);
  await scene.state(
    'later',
    `UPDATE files SET title = 'away' WHERE id = 1; UPDATE files SET title = 'one' WHERE id = 3; UPDATE files SET title = 'three' WHERE id = 2;
     UPDATE files SET title = 'two' WHERE id = 1; UPDATE files SET path = 'refused' WHERE id = 4`,
    'back',
  );
  const forth = await scene.merge(['after', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(forth.discrepancies, []);
  assert.deepEqual(scene.rows('forth', 'SELECT title, mark FROM documents ORDER BY id'), [
    { title: 'two', mark: 'mark 1' },
    { title: 'three', mark: 'mark 2' },
    { title: 'one', mark: 'mark 3' },
    { title: 'four', mark: 'mark 4' },
  ]);
  assert.deepEqual(forth.outcome.parked, [{ what: 'files.path', count: 1, why: 'refused' }]);
});
