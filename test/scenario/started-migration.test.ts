/** `migrate: { start, until: healthy }`: the new release migrates a copy of the state by being started on it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { eventually } from '../../examples/social-download-manager/test/patience.ts';
import { sourceMain } from './small-application.ts';
import { alive, startedApplication as application } from './started-application.ts';

const upgrade = ['upgrade', '--to', '2.0.0', '--yes'] as const;
const states = 'SELECT state, count(*) FROM notes GROUP BY 1 ORDER BY 1';

test('a release that is started on a copy migrates it, is stopped with all its processes, and the pair leads back', (t) => {
  const app = application(t);
  const upgraded = app.backstep(...upgrade);
  assert.equal(upgraded.exitCode, 0, upgraded.stdout + upgraded.stderr);
  assert.deepEqual(alive(app), []);
  assert.equal(existsSync(app.path('state/candidate')), false);
  assert.doesNotMatch(app.read('places'), new RegExp(`"${app.path('data')}"`));
  assert.deepEqual(app.rows(states), [['completed', 40]]);
  app.sql("UPDATE notes SET body = 'edited' WHERE id = 7; DELETE FROM notes WHERE id = 8");
  const back = app.backstep('rollback', '--yes');
  assert.equal(back.exitCode, 0, back.stdout + back.stderr);
  assert.deepEqual(app.rows(states), [['done', 39]]);
  assert.deepEqual(app.rows('SELECT body FROM notes WHERE id = 7'), [['edited']]);
});

test('a release that ends before it is healthy: the upgrade is refused with its last words, nothing was touched', (t) => {
  const app = application(t);
  app.write('told-to-end', '');
  const refused = app.backstep(...upgrade);
  assert.equal(refused.exitCode, 4, refused.stdout + refused.stderr);
  assert.match(refused.stderr, /did not become healthy.*the licence is missing/);
  assert.deepEqual(alive(app), []);
  assert.deepEqual(app.rows(states), [['done', 40]]);
});

test('a release that never becomes healthy is stopped when its time is over', (t) => {
  const app = application(t);
  app.write('told-to-be-ill', '');
  app.write('backstep.yaml', app.read('backstep.yaml').replace('timeout: 10m', 'timeout: 5s'));
  const refused = app.backstep(...upgrade);
  assert.equal(refused.exitCode, 4, refused.stdout + refused.stderr);
  assert.match(refused.stderr, /did not become healthy/);
  assert.deepEqual(alive(app), []);
  assert.deepEqual(app.rows(states), [['done', 40]]);
});

test('a release that writes into the live state while it is to migrate a copy is refused, the file by name', (t) => {
  const app = application(t);
  app.write('told-to-stray', '');
  // One that is cut off cannot.
  app.write('backstep.yaml', app.read('backstep.yaml').replace('seclude: auto', 'seclude: off'));
  const refused = app.backstep(...upgrade);
  assert.equal(refused.exitCode, 4, refused.stdout + refused.stderr);
  assert.match(refused.stderr, /wrote into the live state: .*data\/settings\.json/);
  assert.deepEqual(alive(app), []);
});

test('an asset that has no copy, since it lies in none of the paths, is refused before anything is started', (t) => {
  const app = application(t);
  app.write('elsewhere/more.json', '{}');
  const further = `assets:\n  more: { kind: json, root: elsewhere, files: [more.json] }`;
  app.write('backstep.yaml', app.read('backstep.yaml').replace('assets:', further));
  const refused = app.backstep(...upgrade);
  assert.notEqual(refused.exitCode, 0);
  assert.match(refused.stderr, /assets\.more lies in none of `paths`/);
  assert.equal(existsSync(app.path('pids')), false);
});

for (const { command, exitCode } of [
  { command: ['plan', '--upgrade', '2.0.0'], exitCode: 0 },
  // The run is over: abandoned.
  { command: upgrade, exitCode: 4 },
]) {
  test(`${command[0]} killed while the release runs on the copy: the next command stops it, nothing was touched`, async (t) => {
    const app = application(t);
    app.write('told-to-be-ill', '');
    const killed = spawn(process.execPath, [sourceMain, ...command], {
      cwd: app.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const closed = once(killed, 'close');
    const said = text(killed.stderr);
    await eventually(() => existsSync(app.path('pids')), true);
    killed.kill('SIGKILL');
    await closed;
    assert.equal(killed.signalCode, 'SIGKILL', await said);
    assert.equal(alive(app).length, 2);
    const resumed = app.backstep('resume');
    assert.equal(resumed.exitCode, exitCode, resumed.stdout + resumed.stderr);
    assert.deepEqual(alive(app), []);
    assert.equal(existsSync(app.path('state/candidate')), false);
    assert.deepEqual(app.rows(states), [['done', 40]]);
    assert.doesNotMatch(app.backstep('status').stdout, /interrupted/);
  });
}

test('aborted while the release runs on the copy: it is stopped, nothing was touched', async (t) => {
  const app = application(t);
  app.write('told-to-be-ill', '');
  const run = spawn(process.execPath, [sourceMain, ...upgrade], {
    cwd: app.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(run, 'close');
  const said = text(run.stderr);
  await eventually(() => existsSync(app.path('pids')), true);
  const aborted = app.backstep('abort');
  assert.equal(aborted.exitCode, 0, aborted.stdout + aborted.stderr);
  await closed;
  assert.equal(run.exitCode, 4, await said);
  assert.deepEqual(alive(app), []);
  assert.equal(existsSync(app.path('state/candidate')), false);
  assert.deepEqual(app.rows(states), [['done', 40]]);
  assert.doesNotMatch(app.backstep('status').stdout, /interrupted/);
});

test('a plan tells that the release itself migrates the copy', (t) => {
  const app = application(t);
  const told = app.backstep('plan', '--upgrade', '2.0.0');
  assert.match(
    told.stdout,
    /migrated by 2\.0\.0 itself, which is started on it until it is healthy: /,
  );
  const planned = JSON.parse(app.backstep('plan', '--upgrade', '2.0.0', '--json').stdout);
  assert.equal(planned.migration.way, 'start');
  assert.deepEqual(planned.migration.argv.slice(-2), ['{data}', '{port}']);
});
