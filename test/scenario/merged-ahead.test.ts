import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { NotesService } from './notes-service.ts';

/** What the last thing that runs before the stop writes, once everything was merged that can be before it. */
function withLateWrites(app: NotesService, statements: string): void {
  const gate = `gate: { close: '{node} late.mjs {data}', open: '{node} open.mjs', timeout: 5m }\n`;
  app.write('backstep.yaml', app.read('backstep.yaml') + gate);
  app.write('open.mjs', '');
  app.write(
    'late.mjs',
    `import { DatabaseSync } from 'node:sqlite';
     const db = new DatabaseSync(process.argv[2] + '/notes.db');
     db.exec('PRAGMA busy_timeout = 20000');
     db.exec(${JSON.stringify(statements)});
     db.close();`,
  );
}

/** 2.0.0 has been used for a while. */
async function used(t: TestContext): Promise<NotesService> {
  const app = await NotesService.start(t);
  app.must('upgrade', '--to', '2.0.0', '--yes');
  app.sql(`PRAGMA busy_timeout = 20000; UPDATE notes SET body = 'edited' WHERE id = 1; DELETE FROM notes WHERE id = 2;
    UPDATE notes SET color = 'red' WHERE id IN (3, 4); INSERT INTO notes VALUES (100, 'new', 'completed', 'blue')`);
  return app;
}

/** The steps of the merge that were told in a phase. */
function stepsIn(stderr: string, phase: string): string[] {
  const events = stderr.split('\n').filter((line) => line.startsWith('{'));
  return events.flatMap((line) => {
    const event = JSON.parse(line);
    const isOne = event.type === 'progress' && event.phase === phase && event.asset === 'notes';
    return isOne ? [String(event.step)] : [];
  });
}

/** What the check of the database's soundness says in a report. */
function integrityIn(report: string): unknown {
  const { checks } = JSON.parse(report);
  return checks.find(({ name }: { name: string }) => name === 'notes: integrity').measured;
}

test('what is written after the bulk was merged is carried and parked with it', async (t) => {
  const app = await used(t);
  withLateWrites(
    app,
    `UPDATE notes SET body = 'edited again' WHERE id = 1; INSERT INTO notes VALUES (2, 'back', 'completed', NULL);
     UPDATE notes SET body = 'late' WHERE id = 5; DELETE FROM notes WHERE id IN (6, 100);
     UPDATE notes SET color = 'green' WHERE id = 4; INSERT INTO notes VALUES (101, 'late and new', 'completed', 'black')`,
  );
  const before = app.rows('SELECT * FROM notes WHERE id > 6 AND id < 100 ORDER BY id');
  const { exitCode, stdout, stderr } = app.backstep('rollback', '--yes', '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  assert.ok(stepsIn(stderr, 'preflight').includes('apply'), stderr);
  // Nothing was copied any more once the application was stopped.
  assert.ok(!stepsIn(stderr, 'stage').includes('copy'), stderr);
  assert.equal(integrityIn(stdout), 'ok, its indexes before the last rows came');
  const { notes } = JSON.parse(stdout).assets;
  assert.deepEqual(notes.carried, { inserted: 1, updated: 3, deleted: 1 });
  assert.deepEqual(
    notes.parked.map(({ what, count }: { what: string; count: number }) => [what, count]),
    [['notes.color', 3]],
  );
  assert.deepEqual(app.rows('SELECT * FROM notes WHERE id < 6 OR id > 99 ORDER BY id'), [
    [1, 'edited again', 'done'],
    [2, 'back', 'done'],
    [3, 'note 3', 'done'],
    [4, 'note 4', 'done'],
    [5, 'late', 'done'],
    [101, 'late and new', 'done'],
  ]);
  app.write('late.mjs', '');
  app.must('return', '--release-hold', '--yes');
  assert.deepEqual(app.rows('SELECT * FROM notes WHERE id < 6 OR id > 99 ORDER BY id'), [
    [1, 'edited again', 'completed', null],
    [2, 'back', 'completed', null],
    [3, 'note 3', 'completed', 'red'],
    [4, 'note 4', 'completed', 'green'],
    [5, 'late', 'completed', null],
    [101, 'late and new', 'completed', 'black'],
  ]);
  assert.deepEqual(app.rows('SELECT * FROM notes WHERE id > 6 AND id < 100 ORDER BY id'), before);
});

test('where nobody writes any more, what was merged is taken as it is', async (t) => {
  const app = await used(t);
  const { exitCode, stdout, stderr } = app.backstep('rollback', '--yes', '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  assert.ok(!stepsIn(stderr, 'stage').includes('apply'), stderr);
  assert.deepEqual(JSON.parse(stdout).assets.notes.carried, {
    inserted: 1,
    updated: 1,
    deleted: 1,
  });
  assert.deepEqual(app.rows('SELECT * FROM notes WHERE id IN (1, 2, 100) ORDER BY id'), [
    [1, 'edited', 'done'],
    [100, 'new', 'done'],
  ]);
});

test('a table that is made after the bulk was merged has everything merged again', async (t) => {
  const app = await used(t);
  withLateWrites(
    app,
    `CREATE TABLE tags (note INTEGER, tag TEXT); INSERT INTO tags VALUES (1, 'late'); UPDATE notes SET body = 'late' WHERE id = 5`,
  );
  const { exitCode, stdout, stderr } = app.backstep('rollback', '--yes', '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  assert.ok(stepsIn(stderr, 'stage').includes('copy'), stderr);
  assert.equal(integrityIn(stdout), 'ok');
  assert.deepEqual(app.rows('SELECT * FROM tags'), [[1, 'late']]);
  assert.deepEqual(app.rows('SELECT body FROM notes WHERE id IN (1, 5) ORDER BY id'), [
    ['edited'],
    ['late'],
  ]);
});

test('a database that is damaged after the bulk was merged stands as in the bulk, where it cannot be read', async (t) => {
  const app = await used(t);
  withLateWrites(app, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const spoil = `import { readFileSync, writeFileSync } from 'node:fs';
    const path = process.argv[2] + '/notes.db';
    const bytes = readFileSync(path);
    for (let at = 4096; at < bytes.length; at += 4096) {
      if (bytes.subarray(at, at + 4096).includes('note 5')) bytes.fill(0xa5, at, at + 4096);
    }
    writeFileSync(path, bytes);`;
  app.write('late.mjs', `${app.read('late.mjs')};\n${spoil}`);
  const { exitCode, stdout, stderr } = app.backstep('rollback', '--yes', '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  assert.ok(stepsIn(stderr, 'preflight').includes('apply'), stderr);
  assert.ok(stepsIn(stderr, 'stage').includes('copy'), stderr);
  const notes = JSON.parse(stdout).assets.notes.notes.join('\n');
  assert.match(notes, /could not be and stand as captured at/u);
  assert.deepEqual(app.rows('SELECT id, body, state FROM notes WHERE id IN (1, 2, 5, 100)'), [
    [1, 'edited', 'done'],
    [5, 'note 5', 'done'],
    [100, 'new', 'done'],
  ]);
});

test('an emergency does not wait for what would only make the stop shorter', async (t) => {
  const app = await used(t);
  const emergency = ['rollback', '--emergency', '--confirm', '--yes', '--json'];
  const { exitCode, stdout, stderr } = app.backstep(...emergency);
  assert.equal(exitCode, 0, stdout + stderr);
  assert.deepEqual(stepsIn(stderr, 'preflight'), []);
  assert.ok(stepsIn(stderr, 'stage').includes('apply'), stderr);
});

test('who gives up while it is merged beforehand gets everything back as it was', async (t) => {
  const app = await used(t);
  const before = app.rows('SELECT * FROM notes ORDER BY id');
  const { child, ended } = app.begin('rollback', '--yes', '--json');
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (!told.includes('"step":"delta"')) {
      told += chunk.toString();
      if (told.includes('"step":"delta"')) child.kill('SIGINT');
    }
  });
  const { code, stdout, stderr } = await ended;
  assert.ok(told.includes('"step":"delta"'), stderr);
  assert.equal(code, 130, stdout + stderr);
  assert.deepEqual(app.rows('SELECT * FROM notes ORDER BY id'), before);
  assert.equal(await app.post('2.0.0 goes on'), 101);
});

test('of an application that was stopped already nothing is captured twice, nor merged beforehand', async (t) => {
  const app = await used(t);
  app.must('service', 'stop');
  const { exitCode, stdout, stderr } = app.backstep('rollback', '--yes', '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  const { run } = JSON.parse(stdout);
  const labels = app.must('snapshots').map(({ label }: { label: string }) => label);
  assert.ok(labels.includes(`now ${run}`), labels.join());
  assert.ok(!labels.includes(`bulk ${run}`), labels.join());
  assert.deepEqual(stepsIn(stderr, 'preflight'), []);
  assert.deepEqual(app.rows('SELECT body FROM notes WHERE id IN (1, 2)'), [['edited']]);
});
