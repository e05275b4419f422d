import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bothWays, lacksShell, runInShell } from '../../../test/rows/compiled.ts';
import { openScene, plainTerms, type Scene } from '../../../test/rows/scene.ts';
import { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { compileReversal, type CompiledReversal } from './compile.ts';
import type { PairTerms } from './pair.ts';

function compiled(scene: Scene, terms: Partial<PairTerms> = {}): CompiledReversal {
  const files = { before: scene.file('before'), after: scene.file('after') };
  return compileReversal({ files, terms: { ...plainTerms, ...terms } });
}

/** A pair and a `now`, for scripts that are to fail. */
async function listed(scene: Scene): Promise<void> {
  await scene.state(
    'before',
    `CREATE TABLE list(id INTEGER PRIMARY KEY, v); INSERT INTO list VALUES (1, 'a'), (2, 'b')`,
  );
  await scene.state('after', 'ALTER TABLE list ADD COLUMN fresh', 'before');
  await scene.state('now', `UPDATE list SET v = 'x' WHERE id = 1`, 'after');
}

test('new rows, changed cells and deleted rows of a keyed table are carried', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE list(id INTEGER PRIMARY KEY AUTOINCREMENT, v, w, gone);
     INSERT INTO list VALUES (1, 'a', 'w', 1), (2, 'b', 'w', 2), (3, 'c', 'w', 3)`,
  );
  await scene.state(
    'after',
    'ALTER TABLE list DROP COLUMN gone; ALTER TABLE list ADD COLUMN fresh',
    'before',
  );
  await scene.state(
    'now',
    `UPDATE list SET v = 'x', fresh = 1 WHERE id = 1; DELETE FROM list WHERE id = 2;
     INSERT INTO list(v, w) VALUES ('new', 9007199254740993); CREATE TABLE own(x); CREATE INDEX own_x ON own(x)`,
    'after',
  );
  const { run } = await bothWays(scene, plainTerms);
  assert.equal(
    run.output,
    'list: 1 rows inserted, 1 updated, 1 deleted\nlist.fresh: 1 cells parked: blind\nnot carried, and whole in now.db: table own\n',
  );
  assert.deepEqual(scene.list('script/result.db', 'SELECT v FROM list'), ['x', 'c', 'new']);
});

test('what came into the shape since the upgrade is not carried by the script, and it says so', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await listed(scene);
  const db = Database.open(scene.file('now'));
  db.exec(`ALTER TABLE list ADD COLUMN later; UPDATE list SET later = 'x'; CREATE VIEW seen AS SELECT v FROM list;
    CREATE INDEX by_v ON list(v); CREATE TRIGGER noted AFTER DELETE ON list BEGIN SELECT 1; END`);
  db.close();
  const { output, errors } = runInShell(scene, compiled(scene).script);
  assert.equal(errors, '');
  assert.match(
    output,
    /^not carried, and whole in now\.db: column list\.later\nnot carried, and in now\.db: view seen\nnot carried, and in now\.db: index by_v\nnot carried, and in now\.db: trigger noted\n/m,
  );
});

test('every value stays what it is, under names of any kind', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  const values = [
    '9007199254740993',
    '-9223372036854775808',
    '1.0',
    "'007'",
    '-0.0',
    '1e300',
    "'a' || char(0) || 'b'",
    "cast(x'c328' as text)",
    "x''",
    "x'00ff00'",
    'NULL',
    `';' || char(10) || '.quit'`,
  ];
  const table = 'it\'s a "table"\n.quit\n-- ; of\t[names]';
  const name = quoteName(table);
  const column = quoteName('select "; drop\n;');
  const rows = values.map((v, n) => `INSERT INTO ${name} VALUES (${n}, ${v}, ${v})`).join(';');
  await scene.state(
    'before',
    `CREATE TABLE ${name}(id INTEGER PRIMARY KEY, ${column}, w); ${rows}`,
  );
  await scene.state('after', `ALTER TABLE ${name} ADD COLUMN "new\n;"`, 'before');
  const turned = values.map(
    (_v, n) =>
      `UPDATE ${name} SET ${column} = ${values[(n + 1) % values.length]}, "new\n;" = w WHERE id = ${n}`,
  );
  await scene.state('now', turned.join(';'), 'after');
  await bothWays(scene, {
    ...plainTerms,
    carryLimits: { [table]: { share: 1, rows: 0, unattended: 'carry' } },
  });
  const all = `SELECT id, ${column} FROM ${name} ORDER BY id`;
  assert.deepEqual(scene.texts('script/result.db', all), scene.texts('now', all));
});

test('what was made anew by the reversal is made anew by the script', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE note(id INTEGER PRIMARY KEY, body); CREATE TABLE counts(k TEXT PRIMARY KEY, n);
     CREATE VIRTUAL TABLE found USING fts5(body, content='note', content_rowid='id');
     CREATE TRIGGER indexed AFTER INSERT ON note BEGIN INSERT INTO found(rowid, body) VALUES (NEW.id, NEW.body); END;
     INSERT INTO note VALUES (1, 'one'), (2, 'two'); INSERT INTO counts VALUES ('note', 2)`,
  );
  await scene.state('after', 'ALTER TABLE note ADD COLUMN fresh', 'before');
  await scene.state('now', `INSERT INTO note(body) VALUES ('three')`, 'after');
  const rebuild = {
    found: `INSERT INTO found(found) VALUES ('rebuild')`,
    counts: `UPDATE counts SET n = (SELECT count(*) FROM note) -- of all`,
  };
  await bothWays(scene, { ...plainTerms, rebuild });
  assert.deepEqual(
    scene.list('script/result.db', `SELECT rowid FROM found WHERE found MATCH 'three OR two'`),
    [2, 3],
  );
  assert.deepEqual(scene.list('script/result.db', 'SELECT n FROM counts'), [3]);
});

test('columns that are named as those of the parked tables are', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE list(why TEXT, act TEXT, detail, value, kept, "column", PRIMARY KEY (why, "column"));
     INSERT INTO list VALUES ('a', 'b', 'c', 'd', 'e', 'f')`,
  );
  await scene.state(
    'after',
    `UPDATE list SET detail = 'other'; ALTER TABLE list ADD COLUMN fresh`,
    'before',
  );
  await scene.state('now', `UPDATE list SET detail = 'mine', fresh = 1`, 'after');
  const run = runInShell(scene, compiled(scene).script);
  assert.equal(run.exitCode, 0, run.errors);
  assert.deepEqual(
    scene.rows(
      'script/parked.db',
      `SELECT why, "column", "backstep column", value, "backstep why" FROM "cells:list"`,
    ),
    [
      {
        why: 'a',
        column: 'f',
        'backstep column': 'detail',
        value: 'mine',
        'backstep why': 'rewritten',
      },
    ],
  );
});

test('an older shell than the script asks for is told so, and nothing is written', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await listed(scene);
  const { script, asks } = compiled(scene);
  assert.equal(asks, '3.35.0');
  const run = runInShell(scene, script.replaceAll('>= 35', '>= 999'));
  assert.notEqual(run.exitCode, 0);
  assert.match(run.errors, /SQLite 3\.35\.0 or newer/);
  assert.deepEqual(scene.dump('script/result.db'), scene.dump('before'));
});

test('newer SQL of the reversal asks for a newer shell', async (t) => {
  const scene = openScene(t);
  await listed(scene);
  const select = `SELECT id, iif(json_valid(v), v ->> '$', v) AS v FROM list`;
  assert.equal(compiled(scene, { lenses: { list: { select } } }).asks, '3.38.0');
});

test('a now that is damaged is not taken for what users did', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await listed(scene);
  scene.attempt('now', [
    'WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO list(id, v) SELECT i, i FROM n',
  ]);
  const bytes = readFileSync(scene.file('now'));
  bytes.fill(0xff, 4096 * 3, 4096 * 4);
  writeFileSync(scene.file('now'), bytes);
  const run = runInShell(scene, compiled(scene).script);
  assert.notEqual(run.exitCode, 0);
  assert.deepEqual(scene.dump('script/result.db'), scene.dump('before'));
});

test('two rows of now under one key stop the script', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await scene.state('before', `CREATE TABLE list(k, v); INSERT INTO list VALUES ('a', 1)`);
  await scene.state('after', 'ALTER TABLE list ADD COLUMN fresh', 'before');
  await scene.state('now', `INSERT INTO list(k, v) VALUES ('b', 2), ('b', 3)`, 'after');
  const run = runInShell(scene, compiled(scene, { lenses: { list: { key: ['k'] } } }).script);
  assert.notEqual(run.exitCode, 0);
  assert.match(run.errors, /list: each row of now has a key of its own/);
  assert.deepEqual(scene.dump('script/result.db'), scene.dump('before'));
});

test('what waits in the log beside now is read, and UTF-16 stays UTF-16', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await scene.state(
    'before',
    `PRAGMA encoding = 'UTF-16le'; PRAGMA journal_mode = WAL; CREATE TABLE list(id INTEGER PRIMARY KEY, v);
     INSERT INTO list VALUES (1, 'ü')`,
  );
  await scene.state('after', 'ALTER TABLE list ADD COLUMN fresh', 'before');
  await scene.state('now', '', 'after');
  using open = Database.open(scene.file('now'));
  open.exec(`PRAGMA wal_autocheckpoint = 0; INSERT INTO list VALUES (2, '𝄞', 'x')`);
  const run = runInShell(scene, compiled(scene).script);
  assert.equal(run.exitCode, 0, run.errors);
  assert.deepEqual(scene.list('script/result.db', 'SELECT v FROM list ORDER BY id'), ['ü', '𝄞']);
  assert.deepEqual(scene.list('script/result.db', 'PRAGMA encoding'), ['UTF-16le']);
  assert.deepEqual(scene.list('script/result.db', 'PRAGMA journal_mode'), ['wal']);
});
