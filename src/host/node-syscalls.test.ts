import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { nodeHost } from './node.ts';
import { callSyncfs, callUtimensat, startCaller, stopCaller } from './node-syscalls.ts';

const host = nodeHost();
const { disk, processes } = host;

/** The perl that this process started. */
function callers(): readonly number[] {
  const own = processes.list().filter(({ parentPid }) => parentPid === process.pid);
  return own.filter(({ name }) => name === 'perl').map(({ pid }) => pid);
}

test('one perl sets times to the nanosecond and syncs, as often as it is asked', (t) => {
  startCaller();
  t.after(stopCaller);
  if (callers().length === 0) return t.skip('neither perl nor python3 is installed');
  const folder = scratchFolder(t, host);
  // The second name is no UTF-8.
  const paths = ['plain', 'caf\u{dce9}'].map((name) => join(folder, name));
  for (const path of paths) disk.create(path, 0o600).close();
  const link = join(folder, 'link');
  disk.symlink('plain', link);
  for (const modifiedNs of [1_700_000_000_123_456_789n, -1n, 1_600_000_000_000_000_001n]) {
    const times = paths.map((path) => ({ path, modifiedNs }));
    assert.equal(disk.setTimes([...times, { path: link, modifiedNs: modifiedNs + 1n }]), 'exact');
    const found = [...paths, link].map((path) => disk.lstat(path)?.modifiedNs);
    assert.deepEqual(found, [modifiedNs, modifiedNs, modifiedNs + 1n]);
    assert.ok(disk.syncFileSystem(folder));
  }
  assert.equal(callers().length, 1);
});

test('what it is refused is told with the number of the error', (t) => {
  startCaller();
  t.after(stopCaller);
  if (callers().length === 0) return t.skip('neither perl nor python3 is installed');
  const path = join(scratchFolder(t, host), 'there');
  disk.create(path, 0o600).close();
  const asked = [path, `${path}/none`, path].map((each) => `5 7 ${each}\0`);
  const records = Buffer.from(asked.join(''));
  assert.deepEqual(callUtimensat(records), { errno: constants.errno.ENOTDIR, done: 1 });
  assert.deepEqual(callSyncfs(99_999), { errno: constants.errno.ENOENT, done: 0 });
});

test('once it is gone, the disk does without', (t) => {
  const ending = callers();
  startCaller();
  t.after(stopCaller);
  const pid = callers().find((each) => !ending.includes(each));
  if (pid === undefined) return t.skip('neither perl nor python3 is installed');
  const folder = scratchFolder(t, host);
  const path = join(folder, 'file');
  disk.create(path, 0o600).close();
  process.kill(pid, 'SIGKILL');
  const modifiedNs = 1_700_000_000_123_456_789n;
  assert.equal(disk.setTimes([{ path, modifiedNs }]), 'exact');
  assert.equal(disk.lstat(path)?.modifiedNs, modifiedNs);
  assert.ok(disk.syncFileSystem(folder));
  assert.equal(callUtimensat(Buffer.from(`5 7 ${path}\0`)), null);
});
