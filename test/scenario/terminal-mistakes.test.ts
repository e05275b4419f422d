import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import { nodeHost } from '../../src/host/node.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { SmallApplication, sourceMain } from './small-application.ts';

/** Both releases added, the first one running. */
function installed(t: TestContext): SmallApplication {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) {
    assert.equal(app.backstep('release', 'add', version, version).exitCode, 0);
  }
  return app;
}

test('under --json a mistake is a document too', (t) => {
  const app = new SmallApplication(t);
  for (const [argv, exitCode, code, says] of [
    [['upgrade', '--too', '2.0.0'], 2, 'usage', /--too/],
    [['release', 'add', '1.0.0'], 2, 'usage', /folder/],
    [['rollback', '--on-failure', 'panic', '--yes'], 2, 'usage', /--on-failure/],
    [['status', '--manifest', 'elsewhere.yaml'], 2, 'manifest/missing', /elsewhere\.yaml/],
    [['service', 'stop', '--lock-wait', 'soon'], 2, 'usage', /--lock-wait soon/],
  ] as const) {
    const refused = app.backstep(...argv, '--json');
    const { error } = JSON.parse(refused.stdout);
    assert.deepEqual([refused.exitCode, error.code], [exitCode, code], refused.stdout);
    assert.match(error.message, says);
    assert.notEqual(error.hint, '');
  }
});

test('a manifest in another folder is found by its name, with paths of its own', (t) => {
  const app = installed(t);
  mkdirSync(app.path('far/away'), { recursive: true });
  const argv = [sourceMain, 'status', '--json', '--manifest', '../../backstep.yaml'];
  const options = { cwd: app.path('far/away'), encoding: 'utf8' } as const;
  const asked = spawnSync(process.execPath, argv, options);
  assert.equal(asked.status, 0, asked.stderr);
  assert.equal(JSON.parse(asked.stdout).release, '1.0.0');
});

test('without a terminal an upgrade needs --yes, and says what it would ask', (t) => {
  const app = installed(t);
  const refused = app.backstep('upgrade', '--to', '2.0.0');
  assert.equal(refused.exitCode, 2, refused.stderr);
  assert.match(
    refused.stderr,
    /notes\.notes\.state: rewritten in 40 of 40 values; proposed: done → completed/,
  );
  assert.match(refused.stderr, /--yes.*--decide notes\.notes\.state=park/);
  const misspelled = app.backstep(
    'upgrade',
    '--to',
    '2.0.0',
    '--yes',
    '--decide',
    'notes.notes.stat=park',
  );
  assert.equal(misspelled.exitCode, 2, misspelled.stderr);
  assert.match(misspelled.stderr, /did you mean notes\.notes\.state\?/);
  assert.deepEqual(app.rows('SELECT DISTINCT state FROM notes'), [['done']]);
  assert.deepEqual(readdirSync(app.path('data')).sort(), ['notes.db', 'settings.json']);
});

test('plan --upgrade shows what an upgrade would do and records nothing', (t) => {
  const app = installed(t);
  const planned = app.backstep('plan', '--upgrade', '2.0.0', '--json');
  assert.equal(planned.exitCode, 0, planned.stderr);
  const { from, to, questions } = JSON.parse(planned.stdout);
  assert.deepEqual([from, to], ['1.0.0', '2.0.0']);
  const asked = questions.map(({ place }: { place: string }) => place);
  assert.deepEqual(asked, ['notes.notes.state']);
  assert.deepEqual(JSON.parse(app.backstep('history', '--json').stdout), []);
  assert.deepEqual(readdirSync(app.path('data')).sort(), ['notes.db', 'settings.json']);
});

test('events under --json carry version, time, run, sequence and type', (t) => {
  const app = installed(t);
  const done = app.backstep('upgrade', '--to', '2.0.0', '--yes', '--json');
  assert.equal(done.exitCode, 0, done.stdout);
  const { run } = JSON.parse(done.stdout);
  const events = done.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const [index, event] of events.entries()) {
    assert.deepEqual([event.v, event.seq], [1, index + 1]);
    assert.ok(!Number.isNaN(Date.parse(event.ts)));
  }
  const types = new Set<string>(events.map(({ type }: { type: string }) => type));
  assert.deepEqual([...types].sort(), ['check', 'phase', 'progress', 'result']);
  const last = events.at(-1);
  assert.deepEqual(
    [last.type, last.run, last.result, last.exitCode],
    ['result', run, 'upgraded', 0],
  );
  assert.match(app.read(`state/runs/${run}/report.html`), /^<!doctype html>/);
});

test('whoever reads may go away, and the work is done all the same', (t) => {
  const app = installed(t);
  const command = `"$0" "$@" 2>&1 | true; exit "\${PIPESTATUS[0]}"`;
  const argv = ['-c', command, process.execPath, sourceMain, 'upgrade', '--to', '2.0.0', '--yes'];
  const piped = spawnSync('bash', argv, { cwd: app.folder, encoding: 'utf8' });
  assert.equal(piped.status, 0, piped.stderr);
  assert.equal(JSON.parse(app.backstep('status', '--json').stdout).release, '2.0.0');
});

test('a held lock is refused with its holder, or waited for', async (t) => {
  const app = installed(t);
  const lock = await acquireLock(nodeHost(), app.path('state/lock'), {
    purpose: 'a long drill',
    waitMs: 0,
  });
  const refused = app.backstep('release', 'mark-good', '2.0.0');
  assert.equal(refused.exitCode, 3);
  assert.match(refused.stderr, new RegExp(`process ${process.pid} .*since .*a long drill`));
  assert.match(refused.stderr, /--lock-wait 30s/);
  const argv = [sourceMain, 'release', 'mark-good', '2.0.0', '--lock-wait', '1h'];
  const waiting = spawn(process.execPath, argv, { cwd: app.folder });
  const stdout = text(waiting.stdout);
  await new Promise<void>((resolve) => {
    let said = '';
    waiting.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (/waiting up to .* for process \d+ \(a long drill, since /.test(said)) resolve();
    });
  });
  lock.release();
  assert.match(await stdout, /last good/);
  assert.equal(waiting.exitCode ?? 0, 0);
});

test('status --watch tells what changes until it is interrupted', async (t) => {
  const app = installed(t);
  const argv = [sourceMain, 'status', '--watch'];
  const watching = spawn(process.execPath, argv, { cwd: app.folder });
  const closed = new Promise<number | null>((resolve) => watching.once('close', resolve));
  let said = '';
  let look = (): void => {};
  watching.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    look();
  });
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(said)) await new Promise<void>((resolve) => (look = resolve));
  };
  await until(/notes: 1\.0\.0/);
  assert.equal(app.backstep('release', 'mark-bad', '2.0.0', '--reason', 'slow').exitCode, 0);
  await until(/on hold: 2\.0\.0 since .*: slow/);
  watching.kill('SIGINT');
  assert.equal(await closed, 0);
  assert.equal(said.split('last good').length - 1, 2, said);
});
