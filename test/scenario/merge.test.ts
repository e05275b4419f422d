import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { Desk, makeDownloads, states } from './merge-files.ts';

const touched = 'SELECT id, title, status FROM downloads WHERE id IN (3, 4, 5, 41) ORDER BY id';

test('what users changed is in the old shape, the rest is parked, the inputs are as they were', (t) => {
  const desk = new Desk(t);
  makeDownloads(desk);
  const inputs = desk.fingerprint(...states);
  const { exitCode, stdout, stderr } = desk.backstep('merge', ...states, '-o', 'out.db');
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(desk.rows('out.db', touched), [
    [3, 'renamed', 'done'],
    [4, 'title 4', 'queued'],
  ]);
  assert.match(stdout, /downloads\.status +rewritten +40 of 40 differ +parked unless decided/);
  assert.match(stdout, /map: \{ status: \{ completed: done, pending: queued \} \}/);
  assert.match(stdout, /carried: 0 inserted, 1 updated, 1 deleted/);
  assert.deepEqual(desk.rows('out.db.parked.db', 'SELECT title FROM "rows:downloads"'), [['new']]);
  assert.equal(desk.fingerprint(...states), inputs);
  assert.deepEqual(desk.names(), [...states, 'out.db', 'out.db.parked.db'].sort());
});

test('--yes takes the maps that the data proves', (t) => {
  const desk = new Desk(t);
  makeDownloads(desk);
  const { exitCode, stdout } = desk.backstep('merge', ...states, '-o', 'out.db', '--yes', '--json');
  assert.equal(exitCode, 0);
  assert.deepEqual(desk.rows('out.db', touched), [
    [3, 'renamed', 'done'],
    [4, 'title 4', 'done'],
    [41, 'new', 'done'],
  ]);
  const document = JSON.parse(stdout);
  assert.equal(document.takenMaps, true);
  assert.deepEqual(document.carried, { inserted: 1, updated: 2, deleted: 1 });
  assert.deepEqual(document.parked, [{ what: 'downloads.component', count: 1, why: 'blind' }]);
  assert.equal(document.parkedFile, desk.path('out.db.parked.db'));
});

test('the proposal, put in a reversal file word for word, gives the same result', (t) => {
  const desk = new Desk(t);
  makeDownloads(desk);
  const proposed = desk.backstep('merge', ...states, '-o', 'first.db', '--json');
  const lines: string[] = JSON.parse(proposed.stdout).proposals;
  desk.write('2.0.0-to-1.0.0.yaml', ['from: 2.0.0', 'to: 1.0.0', ...lines, ''].join('\n'));
  const file = ['--reversal', '2.0.0-to-1.0.0.yaml'];
  const { exitCode, stdout, stderr } = desk.backstep('merge', ...states, '-o', 'out.db', ...file);
  assert.equal(exitCode, 0, stderr);
  assert.doesNotMatch(stdout, /downloads\.status/);
  assert.equal(desk.rows('out.db', touched).length, 3);
});

test('of two databases in a reversal file --asset names one', (t) => {
  const desk = new Desk(t);
  makeDownloads(desk);
  const table = '    downloads:\n      map: { status: { completed: done, pending: queued } }\n';
  const text = `from: 2.0.0\nto: 1.0.0\nsqlite:\n  history:\n${table}  other:\n${table}`;
  desk.write('2.0.0-to-1.0.0.yaml', text);
  const argv = ['merge', ...states, '-o', 'out.db', '--reversal', '2.0.0-to-1.0.0.yaml'];
  const unsaid = desk.backstep(...argv);
  assert.equal(unsaid.exitCode, 2);
  assert.match(unsaid.stderr, /add --asset with one of: history, other/);
  const misspelled = desk.backstep(...argv, '--asset', 'histroy');
  assert.match(misspelled.stderr, /did you mean --asset history\?/);
  const named = desk.backstep(...argv, '--asset', 'history');
  assert.equal(named.exitCode, 0, named.stderr);
  assert.equal(desk.rows('out.db', touched).length, 3);
});

test('a decision carries a rewritten column, with or without the name of the asset', (t) => {
  const desk = new Desk(t);
  makeDownloads(desk);
  for (const [n, place] of ['downloads.status', 'database.downloads.status'].entries()) {
    const out = `out${n}.db`;
    const decided = ['--decide', `${place}=as-is`];
    const { exitCode, stdout } = desk.backstep('merge', ...states, '-o', out, ...decided);
    assert.equal(exitCode, 0);
    assert.match(stdout, /downloads\.status +rewritten .*as-is \(operator\)/);
    assert.deepEqual(desk.rows(out, touched)[1], [4, 'title 4', 'completed']);
  }
  for (const [wrong, said] of [
    ['downloads.state=park', /no such place .*\n.*did you mean downloads\.status\?/],
    ['downloads.title=park', /the upgrade left it alone/],
    ['downloads.status=prak', /did you mean downloads\.status=park\?/],
  ] as const) {
    const refused = desk.backstep('merge', ...states, '-o', 'no.db', '--decide', wrong);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, said);
  }
  assert.ok(!desk.names().some((name) => name.includes('no.db')));
});

test('numbers of a document keep their text, and moved settings follow a reversal', (t) => {
  const desk = new Desk(t);
  const files = ['config.json', 'after.json', 'now.json'];
  desk.write(
    'config.json',
    '{\n  "theme": "dark",\n  "rate": 1.0,\n  "big": 12345678901234567890\n}\n',
  );
  desk.write('after.json', '{"ui":{"mode":"dark"},"rate":1.0,"big":12345678901234567890}');
  desk.write('now.json', '{"ui":{"mode":"light"},"rate":2.50,"big":12345678901234567890}');
  const plain = desk.backstep('merge', ...files, '-o', 'out.json');
  assert.equal(plain.exitCode, 0, plain.stderr);
  const kept = '{\n  "theme": "dark",\n  "rate": 2.50,\n  "big": 12345678901234567890\n}\n';
  assert.equal(desk.read('out.json'), kept);
  assert.match(plain.stdout, /config\.json#ui\.mode +1 +blind/);
  assert.match(desk.read('out.json.parked.json'), /"value": "\\"light\\""/);
  const text = 'from: 2.0.0\nto: 1.0.0\njson:\n  settings/config.json:\n    theme: ui.mode\n';
  desk.write('2.0.0-to-1.0.0.yaml', text);
  const argv = ['-o', 'moved.json', '--reversal', '2.0.0-to-1.0.0.yaml'];
  const moved = desk.backstep('merge', ...files, ...argv);
  assert.equal(moved.exitCode, 0, moved.stderr);
  assert.equal(desk.read('moved.json'), kept.replace('dark', 'light'));
  assert.ok(!desk.names().includes('moved.json.parked.json'));
});

test('--forth brings what was written under the old release into the displaced state', (t) => {
  const desk = new Desk(t);
  makeDownloads(desk);
  desk.backstep('merge', ...states, '-o', 'settled.db', '--yes');
  const settled = new DatabaseSync(desk.path('settled.db'));
  settled.exec(`VACUUM INTO '${desk.path('later.db')}'`);
  settled.close();
  desk.database('later.db', `UPDATE downloads SET title = 'later' WHERE id = 7`);
  desk.write(
    '2.0.0-to-1.0.0.yaml',
    'from: 2.0.0\nto: 1.0.0\nsqlite:\n  history:\n    downloads:\n      map: { status: { completed: done, pending: queued } }\n',
  );
  const ways = ['now.db', 'settled.db', 'later.db', '--forth'];
  const argv = ['-o', 'forth.db', '--reversal', '2.0.0-to-1.0.0.yaml'];
  const { exitCode, stderr } = desk.backstep('merge', ...ways, ...argv);
  assert.equal(exitCode, 0, stderr);
  const sql = 'SELECT id, title, status, component FROM downloads WHERE id IN (7, 41) ORDER BY id';
  assert.deepEqual(desk.rows('forth.db', sql), [
    [7, 'later', 'completed', null],
    [41, 'new', 'completed', 'list'],
  ]);
});

test('changes that wait in a WAL are merged, and the WAL stays as it lies', (t) => {
  const desk = new Desk(t);
  makeDownloads(desk);
  const writer = new DatabaseSync(desk.path('now.db'));
  t.after(() => writer.close());
  writer.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
    UPDATE downloads SET title = 'from the log' WHERE id = 9`);
  const files = desk.fingerprint(...states, 'now.db-wal');
  const { exitCode, stderr } = desk.backstep('merge', ...states, '-o', 'out.db');
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(desk.rows('out.db', 'SELECT title FROM downloads WHERE id = 9'), [
    ['from the log'],
  ]);
  assert.equal(desk.fingerprint(...states, 'now.db-wal'), files);
});

test('a kill in the middle leaves no result', async (t) => {
  const desk = new Desk(t);
  const rows = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
    INSERT INTO notes SELECT i, hex(randomblob(60)) FROM n;`;
  desk.database('before.db', rows);
  for (const name of ['after.db', 'now.db']) {
    const db = new DatabaseSync(desk.path('before.db'));
    db.exec(`VACUUM INTO '${desk.path(name)}'`);
    db.close();
  }
  desk.database('now.db', `UPDATE notes SET body = body || 'x' WHERE id % 3 = 0`);
  const inputs = desk.fingerprint(...states);
  const merge = desk.start('merge', ...states, '-o', 'out.db');
  const ended = once(merge, 'exit');
  while (!desk.names().some((name) => name.endsWith('.merging'))) {
    assert.equal(merge.exitCode, null, 'it ended before it could be killed');
    await wait(1);
  }
  merge.kill('SIGKILL');
  await ended;
  assert.equal(merge.signalCode, 'SIGKILL');
  assert.deepEqual(
    desk.names().filter((name) => !name.startsWith('.')),
    [...states].sort(),
  );
  assert.equal(desk.fingerprint(...states), inputs);
  const again = desk.backstep('merge', ...states, '-o', 'out.db', '--carry-all');
  assert.equal(again.exitCode, 0, again.stderr);
  const changed = `SELECT count(*) FROM notes WHERE body LIKE '%x'`;
  assert.deepEqual(desk.rows('out.db', changed), [[20000]]);
});
