/** References to the table itself and in a ring, over every action, deferred; and those of the old shape alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../../test/rows/scene.ts';

const actions = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION'] as const;
type Action = (typeof actions)[number];

const refuses = (action: Action): boolean => action === 'RESTRICT' || action === 'NO ACTION';

function tree(action: Action): string {
  return `CREATE TABLE tree(id INTEGER PRIMARY KEY, up INTEGER DEFAULT 1 REFERENCES tree(id) ON DELETE ${action} DEFERRABLE INITIALLY DEFERRED, name TEXT, kind TEXT);
    INSERT INTO tree VALUES (1, NULL, 'root', 'k'), (2, 1, 'a', 'k'), (3, 2, 'b', 'k'), (4, 3, 'c', 'k')`;
}

function ring(action: Action): string {
  const refers = (table: string): string =>
    `INTEGER DEFAULT 9 REFERENCES ${table}(id) ON DELETE ${action} DEFERRABLE INITIALLY DEFERRED`;
  return `CREATE TABLE a(id INTEGER PRIMARY KEY, b ${refers('b')}, n TEXT, m TEXT); CREATE TABLE b(id INTEGER PRIMARY KEY, a ${refers('a')}, n TEXT, m TEXT);
    BEGIN; INSERT INTO a VALUES (1, 1, 'n', 'm'), (2, 2, 'n', 'm'), (9, NULL, 'n', 'm'); INSERT INTO b VALUES (1, 1, 'n', 'm'), (2, 2, 'n', 'm'), (9, NULL, 'n', 'm'); COMMIT`;
}

for (const action of actions) {
  test(`a table that references itself, ON DELETE ${action}: what the application saw is carried`, async (t) => {
    const first = refuses(action) ? 'UPDATE tree SET up = 1 WHERE id = 3;' : '';
    const { scene, report } = await rolledBack(t, {
      old: tree(action),
      upgrade: 'ALTER TABLE tree ADD COLUMN fresh',
      work: `${first} DELETE FROM tree WHERE id = 2; BEGIN; INSERT INTO tree VALUES (8, 7, 'below new', 'k', 1); INSERT INTO tree VALUES (7, 1, 'new', 'k', 1); COMMIT`,
    });
    const places = 'SELECT id, up FROM tree ORDER BY id';
    const expected = {
      CASCADE: [],
      'SET NULL': [
        { id: 3, up: null },
        { id: 4, up: 3 },
      ],
    };
    const moved = [
      { id: 3, up: 1 },
      { id: 4, up: 3 },
    ];
    const left = action === 'CASCADE' || action === 'SET NULL' ? expected[action] : moved;
    assert.deepEqual(scene.rows('back', places), [
      { id: 1, up: null },
      ...left,
      { id: 7, up: 1 },
      { id: 8, up: 7 },
    ]);
    assert.deepEqual(report.outcome.parked, [{ what: 'tree.fresh', count: 2, why: 'blind' }]);
    await comesBack(scene);
  });

  test(`two tables in a ring, ON DELETE ${action}: what the application saw is carried`, async (t) => {
    const first = refuses(action) ? 'UPDATE b SET a = NULL WHERE id = 1;' : '';
    const { scene } = await rolledBack(t, {
      old: ring(action),
      upgrade: 'ALTER TABLE a ADD COLUMN fresh; ALTER TABLE b ADD COLUMN fresh',
      work: `BEGIN; ${first} DELETE FROM a WHERE id = 1; INSERT INTO a VALUES (7, 7, 'n', 'm', 'f'); INSERT INTO b VALUES (7, 7, 'n', 'm', 'f'); COMMIT`,
    });
    for (const [table, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const rows = `SELECT id, ${other} FROM ${table} ORDER BY id`;
      assert.deepEqual(scene.rows('back', rows), scene.rows('now', rows), table);
    }
    assert.deepEqual(scene.list('back', 'SELECT id FROM a ORDER BY id'), [2, 7, 9]);
    await comesBack(scene);
  });

  test(`a table that references itself in the old shape alone, ON DELETE ${action}: the old release's action follows`, async (t) => {
    const { scene, report } = await rolledBack(t, {
      old: tree(action),
      upgrade: `CREATE TABLE t2(id INTEGER PRIMARY KEY, up INTEGER, name TEXT, kind TEXT); INSERT INTO t2 SELECT * FROM tree;
        UPDATE tree SET up = NULL; DELETE FROM tree; DROP TABLE tree; ALTER TABLE t2 RENAME TO tree`,
      work: 'DELETE FROM tree WHERE id = 2',
    });
    const left = {
      CASCADE: [{ id: 1, up: null }],
      'SET NULL': [
        { id: 1, up: null },
        { id: 3, up: null },
        { id: 4, up: 3 },
      ],
      'SET DEFAULT': [
        { id: 1, up: null },
        { id: 3, up: 1 },
        { id: 4, up: 3 },
      ],
    };
    const kept = [
      { id: 1, up: null },
      { id: 2, up: 1 },
      { id: 3, up: 2 },
      { id: 4, up: 3 },
    ];
    const isKept = action === 'RESTRICT' || action === 'NO ACTION';
    assert.deepEqual(
      scene.rows('back', 'SELECT id, up FROM tree ORDER BY id'),
      isKept ? kept : left[action],
    );
    const count = isKept ? 1 : action === 'CASCADE' ? 2 : 0;
    const parked = [{ what: 'tree', count, why: 'reference' }];
    assert.deepEqual(report.outcome.parked, count === 0 ? [] : parked);
    await comesBack(scene);
  });
}
