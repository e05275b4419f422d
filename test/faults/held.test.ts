import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync } from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';
import { eventually } from '../../examples/social-download-manager/test/patience.ts';
import { NotesService } from '../scenario/notes-service.ts';
import { SmallApplication } from '../scenario/small-application.ts';

/** Holds a database open, says so, and goes when its input ends. */
const holder = `const { DatabaseSync } = require('node:sqlite');
const db = new DatabaseSync(process.argv[1]);
db.exec('SELECT * FROM notes');
process.stdin.resume().on('end', () => { db.close(); process.exit(0); });
console.log('held');`;

test('a program that keeps the database open has a rollback refused by its name, with the release running as before', async (t) => {
  const app = await NotesService.start(t);
  app.must('upgrade', '--to', '2.0.0', '--yes');
  assert.ok(await app.post('written under 2.0.0'));

  const database = app.path('data/notes.db');
  const child = spawn(process.execPath, ['-e', holder, database], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = once(child, 'exit');
  t.after(() => child.stdin.end());
  await once(child.stdout, 'data');

  const refused = app.backstep('rollback', '--yes', '--json');
  assert.equal(refused.exitCode, 4, refused.stdout + refused.stderr);
  const { error } = JSON.parse(refused.stdout);
  assert.equal(error.code, 'service/held');
  assert.ok(error.message.includes(String(child.pid)), error.message);
  assert.match(error.message, /data\/notes\.db/);
  assert.equal(JSON.parse(app.backstep('status', '--json').stdout).release, '2.0.0');
  await eventually(async () => (await app.post('written after the refusal')) !== null, true);

  child.stdin.end();
  await exited;
  app.must('rollback', '--yes');
  assert.deepEqual(
    app.rows(`SELECT DISTINCT body, state FROM notes WHERE body LIKE 'written%' ORDER BY id`),
    [
      ['written under 2.0.0', 'done'],
      ['written after the refusal', 'done'],
    ],
  );
  const hidden = readdirSync(app.path('.')).filter((name) => name.startsWith('.backstep'));
  assert.deepEqual(hidden, []);
});

test('so does one that keeps a file open which only the capture looks at', async (t) => {
  const app = new SmallApplication(t);
  const must = (...argv: string[]): string => {
    const { exitCode, stdout, stderr } = app.backstep(...argv);
    assert.equal(exitCode, 0, stdout + stderr);
    return stdout;
  };
  for (const version of ['1.0.0', '2.0.0']) must('release', 'add', version, version);
  must('upgrade', '--to', '2.0.0', '--yes');
  const settings = app.path('data/settings.json');
  const descriptor = openSync(settings, 'r');
  const child = spawn('sleep', ['1000'], { stdio: [descriptor, 'ignore', 'ignore'] });
  const exited = once(child, 'exit');
  t.after(() => child.kill('SIGKILL'));
  closeSync(descriptor);
  await once(child, 'spawn');

  const snapshots = must('snapshots', '--json');
  const refused = app.backstep('rollback', '--yes', '--json');
  assert.equal(refused.exitCode, 4, refused.stdout + refused.stderr);
  const { error } = JSON.parse(refused.stdout);
  assert.equal(error.code, 'service/held');
  assert.ok(error.message.includes(`pid ${child.pid} (sleep 1000) holds ${settings}`));
  assert.equal(must('snapshots', '--json'), snapshots);

  child.kill('SIGKILL');
  await exited;
  must('rollback', '--yes');
});
