import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from '../../../test/rows/scene.ts';
import { judgeReversal } from './judge.ts';
import { parseReversal } from './parse.ts';

for (const [what, entry] of [
  ['without a select', '{ map: {} }'],
  ['in a select', "{ select: 'SELECT id, name FROM list', key: [id] }"],
] as const) {
  test(`a NOT NULL column without a default that nothing fills is told before it parks every new row, ${what}`, async (t) => {
    const scene = openScene(t);
    const old = `CREATE TABLE list(id INTEGER PRIMARY KEY, name TEXT, legacy TEXT NOT NULL, easy TEXT NOT NULL DEFAULT 'd', void TEXT NOT NULL DEFAULT NULL)`;
    await scene.state('before', `${old}; INSERT INTO list VALUES (1, 'a', 'l', 'e', 'v')`);
    const upgrade = ['legacy', 'easy', 'void'].map(
      (name) => `ALTER TABLE list DROP COLUMN ${name}`,
    );
    await scene.state('after', upgrade.join(';'), 'before');
    const text = `from: '2.0'\nto: '1.0'\nsqlite: { history: { list: ${entry} } }\n`;
    const read = parseReversal({ text, sha256: '', file: '2.0-to-1.0.yaml', assets: null });
    assert.ok(read.ok, JSON.stringify(read));
    const found = await judgeReversal(read.value, text, [
      {
        asset: 'history',
        before: scene.file('before'),
        after: scene.file('after'),
        now: null,
        scratch: scene.file('.'),
        terms: {
          bookkeeping: [],
          rebuild: {},
          lenses: read.value.databases['history']?.tables ?? {},
        },
      },
    ]);
    const hints = found
      .filter(
        ({ rule, hint }) => rule === 'missing-column' && /every new row will be parked/.test(hint),
      )
      .map(({ hint }) => /`(\w+)` is NOT NULL/.exec(hint)?.[1]);
    assert.deepEqual([...new Set(hints)], ['legacy', 'void']);
  });
}
