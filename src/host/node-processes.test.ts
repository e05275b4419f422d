import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { nodeHost } from './node.ts';
import { mappedKeys } from './node-holders.ts';
import { parseProcStat } from './node-proc.ts';
import { type Child, type Command, treeOf } from './processes.ts';
import { readWhole } from './whole-file.ts';

const host = nodeHost();
const { processes, disk, clock } = host;
/** Linux gives out pids up to 2^22. */
const pidBeyondAny = 4_194_305;

test('a program gets its arguments as they are, and its output comes back', async () => {
  const argv = ['printf', '%s|', 'a b', '$HOME', '*', ''] as const;
  const done = await processes.run({ argv: [...argv] }, { limitMs: 300_000 });
  assert.deepEqual(done, {
    code: 0,
    signal: null,
    ended: 'by-itself',
    stdout: 'a b|$HOME|*||',
    stderr: '',
  });
});

test('input, environment, folder and exit code are passed on', async (t) => {
  const cwd = scratchFolder(t, host);
  const command: Command = {
    argv: ['sh', '-c', 'cat; echo "$WORD"; pwd >&2; exit 3'],
    cwd,
    env: { WORD: 'x', PATH: '/usr/bin:/bin' },
  };
  const done = await processes.run(command, { limitMs: 300_000, input: Buffer.from('in\n') });
  assert.deepEqual([done.stdout, done.stderr, done.code], ['in\nx\n', `${cwd}\n`, 3]);
});

test('output above its limit is dropped, and the program does not stall', async () => {
  const argv = ['sh', '-c', 'head -c 3000000 /dev/zero'] as const;
  const done = await processes.run({ argv: [...argv] }, { limitMs: 300_000, outputBytes: 10 });
  assert.equal(done.stdout.length, 10);
  assert.equal(done.code, 0);
});

test('the limit ends a program that ignores SIGTERM, and its children with it', async () => {
  const source = 'trap "" TERM; sleep 600 & echo $!; wait; wait; sleep 600';
  const done = await processes.run({ argv: ['sh', '-c', source] }, { limitMs: 300, graceMs: 200 });
  assert.equal(done.ended, 'limit');
  await comesAbout(() => processes.identify(Number(done.stdout)) === null);
});

test('an abort ends a program', async () => {
  const stop = new AbortController();
  const running = processes.run(
    { argv: ['sleep', '600'] },
    { limitMs: 300_000, abort: stop.signal },
  );
  stop.abort();
  const done = await running;
  assert.equal(done.ended, 'aborted');
  assert.equal(done.signal, 'SIGTERM');
});

test('a program that is not there, or may not be run, is refused by name', async (t) => {
  const folder = scratchFolder(t, host);
  disk.create(join(folder, 'plain'), 0o600).close();
  const codeOf = async (program: string): Promise<string> => {
    const fault = await processes.run({ argv: [program] }, { limitMs: 1000 }).then(
      () => null,
      (error: unknown) => error,
    );
    assert.ok(fault instanceof BackstepError);
    return fault.code;
  };
  assert.equal(await codeOf(join(folder, 'none')), 'process/missing');
  assert.equal(await codeOf(join(folder, 'plain')), 'process/refused');
});

test('a detached process leads a session, writes to its log, and dies as a group', async (t) => {
  const log = join(scratchFolder(t, host), 'log');
  const child = await started(t, ['sh', '-c', 'echo hello; sleep 600 & wait'], log);
  const { pid } = child.identity;
  await comesAbout(() => treeOf(processes.list(), pid).length === 2);
  const tree = treeOf(processes.list(), pid);
  assert.ok(tree.every((entry) => entry.sessionId === pid && entry.groupId === pid));
  assert.equal(readWhole(disk, log).toString(), 'hello\n');
  assert.equal(disk.lstat(log)?.mode, 0o600);
  assert.ok(processes.signalGroup(pid, 'SIGKILL'));
  assert.deepEqual(await child.exited, { code: null, signal: 'SIGKILL' });
  await comesAbout(() => treeOf(processes.list(), pid).length === 0);
  assert.equal(processes.signalGroup(pidBeyondAny, 'SIGKILL'), false);
});

test('an identity is that process alone, not whoever has its pid later', async (t) => {
  const child = await started(t, ['sleep', '600']);
  assert.ok(processes.isAlive(child.identity));
  const { startTicks } = child.identity;
  assert.equal(processes.isAlive({ ...child.identity, startTicks: startTicks - 1 }), false);
  assert.equal(processes.isAlive({ ...child.identity, bootId: 'another boot' }), false);
  assert.equal(
    processes.signal({ ...child.identity, startTicks: startTicks - 1 }, 'SIGKILL'),
    false,
  );
  assert.ok(processes.signal(child.identity, 'SIGKILL'));
  await child.exited;
  assert.equal(processes.isAlive(child.identity), false);
});

test('who holds a file open is named, by whichever name it was opened', async (t) => {
  const folder = scratchFolder(t, host);
  const path = join(folder, 'held');
  disk.create(path, 0o600).close();
  disk.link(path, join(folder, 'second'));
  const child = await started(t, [
    'sh',
    '-c',
    `exec 5<"$0"; exec sleep 600`,
    join(folder, 'second'),
  ]);
  // First the shell holds it, then the program that the shell becomes.
  const file = disk.lstat(path);
  assert.ok(file);
  const holders = (): readonly unknown[] => processes.openFiles().holdersOf(file);
  await comesAbout(() => processes.openFiles().holdersOf(file)[0]?.name === 'sleep');
  assert.deepEqual(holders(), [{ pid: child.identity.pid, name: 'sleep' }]);
  assert.deepEqual(processes.openFiles().holdersOf({ ...file, device: file.device + 1n }), []);
  processes.signal(child.identity, 'SIGKILL');
  await child.exited;
  assert.deepEqual(holders(), []);
});

test('the process table is read whatever a program calls itself', () => {
  const text = '42 (a) S (b c) R 1 42 41 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1';
  assert.deepEqual(parseProcStat(text), {
    pid: 42,
    name: 'a) S (b c',
    state: 'R',
    parentPid: 1,
    groupId: 42,
    sessionId: 41,
    startTicks: 98_765,
    isKernel: false,
  });
  const thread = '2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0';
  assert.ok(parseProcStat(thread).isKernel);
});

test('mapped files are found by device and inode', () => {
  const maps = [
    '7f00-7f01 r--p 00000000 fd:02 131 /usr/lib/x.so',
    '7f01-7f02 rw-p 00000000 00:00 0',
    '7f02-7f03 r--s 00000000 103:1ff 9 /data/base.db',
  ].join('\n');
  assert.deepEqual(mappedKeys(maps), ['64770:131', '1115135:9']);
});

async function started(t: TestContext, argv: [string, ...string[]], log?: string): Promise<Child> {
  const output = log === undefined ? 'ignore' : { appendTo: log };
  const child = await processes.spawn({ argv }, { detached: true, output });
  t.after(async () => {
    processes.signalGroup(child.identity.pid, 'SIGKILL');
    await child.exited;
  });
  return child;
}

/** Other processes take their time. */
async function comesAbout(isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (isSo()) return;
    await clock.sleep(20);
  }
  assert.fail('it did not come about');
}
