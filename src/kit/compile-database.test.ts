import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { openScene } from '../../test/contract/asset-scene.ts';
import { lacksShell } from '../../test/rows/compiled.ts';
import { assetsOf } from '../manifest/manifest.ts';
import { Database } from '../sqlite/database.ts';
import { compileDatabase } from './compile-database.ts';

const unsaid = { reversal: null, decisions: [], at: '2030-01-01T00:00:00Z' } as const;

function runSql(path: string, sql: string): void {
  using db = Database.open(path);
  db.exec(sql);
}

test('the kit has a script for a database, which a shell runs beside copies of its states', (t) => {
  if (lacksShell(t)) return;
  const { root, manifest, host } = openScene(t);
  const { disk } = host;
  const asset = assetsOf(manifest, 'sqlite')[0];
  assert.ok(asset !== undefined);
  const file = (name: string): string => `${root}/${name}`;
  runSql(
    file('before.db'),
    `CREATE TABLE titles(id INTEGER PRIMARY KEY, title TEXT); INSERT INTO titles VALUES (1, 'a')`,
  );
  for (const name of ['after.db', 'result.db']) disk.copy(file('before.db'), file(name));
  runSql(file('after.db'), 'ALTER TABLE titles ADD COLUMN mark; PRAGMA user_version = 2');
  disk.copy(file('after.db'), file('now.db'));
  runSql(file('now.db'), `INSERT INTO titles VALUES (2, 'since', 'm')`);
  const pair = { beforeFile: file('before.db'), afterFile: file('after.db'), disk, ...unsaid };
  const compiled = compileDatabase({ asset, unit: 'history.db' }, pair);
  assert.equal(compiled?.asks, '3.35.0');
  assert.match(compiled.notes.join('\n'), /^titles\.mark: the old release has no such column/);
  const shell = spawnSync('sqlite3', ['-batch', '-bail', '-init', '/dev/null', 'result.db'], {
    cwd: root,
    input: compiled.script,
    encoding: 'utf8',
  });
  assert.equal(shell.status, 0, shell.stderr);
  using result = Database.open(file('result.db'), { readOnly: true });
  assert.deepEqual(result.texts('SELECT title FROM titles ORDER BY id'), ['a', 'since']);
  assert.equal(result.count('PRAGMA user_version'), 0);
});

test('a database whose shape the law cannot follow has no script', (t) => {
  const { root, manifest, host } = openScene(t);
  const asset = assetsOf(manifest, 'sqlite')[0];
  assert.ok(asset !== undefined);
  for (const name of ['before.db', 'after.db']) {
    runSql(`${root}/${name}`, 'CREATE VIRTUAL TABLE found USING fts5(body)');
  }
  const pair = { beforeFile: `${root}/before.db`, afterFile: `${root}/after.db`, disk: host.disk };
  const compiled = compileDatabase({ asset, unit: 'history.db' }, { ...pair, ...unsaid });
  assert.equal(compiled, null);
});
