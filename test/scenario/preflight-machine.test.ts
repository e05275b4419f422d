import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { DiskError } from '../../src/host/disk-error.ts';
import type { Host } from '../../src/host/host.ts';
import { nodeHost } from '../../src/host/node.ts';
import { NotesService } from './notes-service.ts';
import { said, saidOn } from './said.ts';
import { SmallApplication } from './small-application.ts';

const upgrade = ['upgrade', '--to', '2.0.0', '--yes'] as const;

/** This machine, as one that tells in `file` what system it is. */
function calling(file: string): { readonly host: Host } {
  const host = nodeHost();
  const realPath: Host['disk']['realPath'] = (path) =>
    path === '/etc/os-release' ? file : host.disk.realPath(path);
  const lstat: Host['disk']['lstat'] = (path) =>
    host.disk.lstat(path === '/etc/os-release' ? file : path);
  return { host: { ...host, disk: { ...host.disk, realPath, lstat } } };
}

async function added(app: SmallApplication): Promise<void> {
  for (const version of ['1.0.0', '2.0.0']) {
    assert.equal((await said(app.folder, 'release', 'add', version, version)).exitCode, 0);
  }
}

test('an upgrade on a machine that is too old is refused, and a rollback there is told', async (t) => {
  const app = new SmallApplication(t);
  await added(app);
  const file = app.path('os-release');
  writeFileSync(file, 'ID=ubuntu\nVERSION_ID="16.04"\n');
  const refused = await saidOn(calling(file), app.folder, upgrade);
  assert.equal(refused.exitCode, 3, refused.stdout + refused.stderr);
  assert.match(refused.stderr, /operating system: Ubuntu 16\.04, at least 18\.04 is supported/);
  assert.deepEqual(app.rows('SELECT count(*), min(state) FROM notes'), [[40, 'done']]);
  assert.equal((await said(app.folder, ...upgrade)).exitCode, 0);
  const back = await saidOn(calling(file), app.folder, ['rollback', '--yes', '--json']);
  assert.equal(back.exitCode, 0, back.stderr);
  const report: { warnings: string[] } = JSON.parse(back.stdout);
  assert.deepEqual(report.warnings, [
    'operating system: Ubuntu 16.04, at least 18.04 is supported',
  ]);
});

test('an upgrade is refused where live files cannot be renamed', async (t) => {
  const app = new SmallApplication(t);
  await added(app);
  const host = nodeHost();
  const makeFolder: Host['disk']['makeFolder'] = (path, mode) => {
    if (path.startsWith(app.path('data/'))) throw new DiskError('EACCES', { act: 'make', path });
    host.disk.makeFolder(path, mode);
  };
  const closed = { host: { ...host, disk: { ...host.disk, makeFolder } } };
  const refused = await saidOn(closed, app.folder, upgrade);
  assert.equal(refused.exitCode, 3, refused.stdout + refused.stderr);
  assert.match(refused.stderr, /data: make ".*": not permitted \(EACCES\)/);
  assert.match(refused.stderr, /nothing was touched/);
  assert.deepEqual(app.rows('SELECT count(*), min(state) FROM notes'), [[40, 'done']]);
});

test('an application with a SQLite before 3.35 is not upgraded, and the doctor tells it', async (t) => {
  const app = await NotesService.start(t);
  const host = nodeHost();
  const run: Host['processes']['run'] = async (command, limits) => {
    const ended = await host.processes.run(command, limits);
    const isAsked = command.argv.at(-1) === 'process.versions.sqlite';
    return isAsked ? { ...ended, stdout: '3.34.1\n' } : ended;
  };
  const old = { host: { ...host, processes: { ...host.processes, run } } };
  const refused = await saidOn(old, app.folder, upgrade);
  assert.equal(refused.exitCode, 3, refused.stdout + refused.stderr);
  assert.match(refused.stderr, /it runs with SQLite 3\.34\.1; at least 3\.35\.0 is needed/);
  const doctor = await saidOn(old, app.folder, ['doctor', '--json']);
  assert.match(doctor.stdout, /SQLite 3\.34\.1; at least 3\.35\.0/);
  const { stdout } = await said(app.folder, 'doctor', '--json');
  assert.doesNotMatch(stdout, /at least 3\.35\.0/);
});
