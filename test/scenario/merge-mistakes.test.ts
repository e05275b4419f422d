import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, linkSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { Desk, makeDownloads, states } from './merge-files.ts';

/** Runs a merge that must be refused: its exit code, what it says, and that nothing was written. */
function refused(desk: Desk, argv: readonly string[], expected: Expected): void {
  const before = desk.names();
  const { exitCode, stdout, stderr } = desk.backstep('merge', ...argv);
  assert.match(stderr, expected.says);
  assert.equal(exitCode, expected.exitCode ?? 3, stderr);
  assert.equal(stdout, '');
  assert.deepEqual(desk.names(), before);
}

interface Expected {
  readonly says: RegExp;
  readonly exitCode?: number;
}

function deskWithStates(t: TestContext): Desk {
  const desk = new Desk(t);
  makeDownloads(desk);
  return desk;
}

const out = ['-o', 'out.db'];

test('a missing file is named, with its role', (t) => {
  const desk = deskWithStates(t);
  const says = /after: "afer\.db" is not there/;
  refused(desk, ['before.db', 'afer.db', 'now.db', ...out], { says });
});

test('a file that is no database, among databases', (t) => {
  const desk = deskWithStates(t);
  desk.write('note.txt', 'not a database, just a note');
  const says = /now: "note\.txt" is no SQLite database, as before\.db is one/;
  refused(desk, ['before.db', 'after.db', 'note.txt', ...out], { says });
});

test('encrypted files, which look like noise', (t) => {
  const desk = new Desk(t);
  for (const name of states) desk.write(name, Buffer.concat([Buffer.of(0xff), randomBytes(4096)]));
  const says = /before: "before\.db" is neither a SQLite database nor JSON/;
  refused(desk, [...states, ...out], { says });
});

test('text that is no JSON is refused with its line', (t) => {
  const desk = new Desk(t);
  desk.write('before.json', '{"a": 1}');
  desk.write('after.json', '{"a": 1}');
  desk.write('now.json', '{\n  "a": 1,\n}');
  const files = ['before.json', 'after.json', 'now.json'];
  refused(desk, [...files, '-o', 'out.json'], { says: /now\.json.*line 3/ });
});

for (const role of ['before', 'after', 'now']) {
  test(`a truncated database as ${role}`, (t) => {
    const desk = deskWithStates(t);
    truncateSync(desk.path(`${role}.db`), 4096);
    const says = new RegExp(`${role}: "${role}\\.db" is damaged: `);
    refused(desk, [...states, ...out], { says });
  });
}

test('with --salvage what can be read of a damaged now is carried, and nothing looks deleted', (t) => {
  const desk = new Desk(t);
  const rows = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
    INSERT INTO notes SELECT i, printf('%0200d', i) FROM n;`;
  desk.database('before.db', rows);
  copyFileSync(desk.path('before.db'), desk.path('after.db'));
  desk.database('now.db', `${rows} UPDATE notes SET body = 'mine' WHERE id = 2;`);
  const bytes = readFileSync(desk.path('now.db'));
  desk.write('now.db', bytes.fill(0xa5, bytes.length - 4096));
  const { exitCode, stdout, stderr } = desk.backstep('merge', ...states, ...out, '--salvage');
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /note: database: the database was damaged/);
  const [count, mine] = ['count(*)', `sum(body = 'mine')`].map((what) =>
    desk.rows('out.db', `SELECT ${what} FROM notes`),
  );
  assert.deepEqual([count, mine], [[[400]], [[1]]]);
});

test('one file given twice, by its name or by another', (t) => {
  const desk = deskWithStates(t);
  linkSync(desk.path('before.db'), desk.path('same.db'));
  const says = /before and now are one file/;
  refused(desk, ['before.db', 'after.db', 'before.db', ...out], { says });
  refused(desk, ['before.db', 'after.db', 'same.db', ...out], { says });
});

test('a result that is there is only replaced with --force, an input never', (t) => {
  const desk = deskWithStates(t);
  desk.write('out.db', 'precious');
  refused(desk, [...states, ...out], { says: /out\.db" is there already/ });
  assert.equal(desk.read('out.db'), 'precious');
  refused(desk, [...states, '-o', 'now.db', '--force'], {
    says: /is now, which a merge only reads/,
  });
  refused(desk, [...states, '-o', 'new.db', '--parked', 'out.db'], { says: /is there already/ });
  desk.write('new.db-journal', 'a rest');
  refused(desk, [...states, '-o', 'new.db'], { says: /SQLite would fold it into the result/ });
  const forced = desk.backstep('merge', ...states, ...out, '--force');
  assert.equal(forced.exitCode, 0, forced.stderr);
  assert.deepEqual(desk.rows('out.db', 'SELECT count(*) FROM downloads'), [[39]]);
});

test('a folder as an input, and as the result', (t) => {
  const desk = deskWithStates(t);
  mkdirSync(desk.path('folder'));
  refused(desk, ['before.db', 'folder', 'now.db', ...out], {
    says: /"folder" is a folder, no file/,
  });
  refused(desk, [...states, '-o', 'folder', '--force'], { says: /folder" is there already/ });
  refused(desk, [...states, '-o', 'nowhere/out.db'], { says: /nowhere" is no folder/ });
});

test('an empty file', (t) => {
  const desk = deskWithStates(t);
  desk.write('empty.db', '');
  refused(desk, ['before.db', 'after.db', 'empty.db', ...out], { says: /"empty\.db" is empty/ });
});

test('a file that may not be read', (t) => {
  const desk = deskWithStates(t);
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  chmodSync(desk.folder, 0o777);
  if (desk.backstepAs(nobody, '--version').exitCode !== 0) {
    return t.skip('an account without rights cannot run Backstep from here');
  }
  chmodSync(desk.path('after.db'), 0);
  const { exitCode, stderr } = desk.backstepAs(nobody, 'merge', ...states, ...out);
  assert.match(stderr, /after\.db": not permitted/);
  assert.equal(exitCode, 4);
  assert.deepEqual(desk.names(), [...states].sort());
});

test('too few files, or no -o', (t) => {
  const desk = deskWithStates(t);
  refused(desk, ['before.db', 'after.db', ...out], {
    says: /missing required argument/,
    exitCode: 2,
  });
  refused(desk, states, { says: /-o FILE is needed/, exitCode: 2 });
});

test('with --json a refusal is a document on stdout', (t) => {
  const desk = deskWithStates(t);
  const { exitCode, stdout } = desk.backstep(
    'merge',
    'x.db',
    'after.db',
    'now.db',
    ...out,
    '--json',
  );
  assert.equal(exitCode, 3);
  assert.equal(JSON.parse(stdout).error.code, 'merge/input');
});
