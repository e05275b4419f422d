import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Host } from '../../src/host/host.ts';
import { nodeHost } from '../../src/host/node.ts';
import { said, saidOn } from './said.ts';
import { SmallApplication } from './small-application.ts';

/** The same machine with so much free, and a database of another size that takes up all the rest. */
function tight(freeBytes: number, databaseBytes: number): { readonly host: Host } {
  const host = nodeHost();
  const lstat: Host['disk']['lstat'] = (path) => {
    const stat = host.disk.lstat(path);
    return stat !== null && path.endsWith('/notes.db')
      ? { ...stat, sizeBytes: databaseBytes }
      : stat;
  };
  const sizes = { freeBytes: () => freeBytes, usedBytes: () => databaseBytes };
  return { host: { ...host, disk: { ...host.disk, lstat, ...sizes } } };
}

test('a switch without room for a copy of what it builds is refused, and so is one with less than 500 MB', async (t) => {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) {
    assert.equal((await said(app.folder, 'release', 'add', version, version)).exitCode, 0);
  }
  const upgrade = ['upgrade', '--to', '2.0.0', '--yes'] as const;
  const large = await saidOn(tight(600_000_000, 700_000_000), app.folder, upgrade);
  assert.equal(large.exitCode, 4, large.stdout + large.stderr);
  assert.match(large.stderr, /600 MB are free, a switch needs at least 700 MB/);
  const small = await saidOn(tight(400_000_000, 1), app.folder, upgrade);
  assert.equal(small.exitCode, 4, small.stdout + small.stderr);
  assert.match(small.stderr, /400 MB are free, a switch needs at least 500 MB/);
  assert.deepEqual(app.rows('SELECT count(*), min(state) FROM notes'), [[40, 'done']]);
  const doctor = await saidOn(tight(600_000_000, 400_000_000), app.folder, ['doctor', '--json']);
  assert.match(doctor.stdout, /600 MB are free, a switch may need 800 MB/);
});
