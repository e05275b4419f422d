import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { nodeHost } from './node.ts';
import { beside, secluded, trySeclusion, type Seclusion } from './seclusion.ts';

const host = nodeHost();
const { processes, network } = host;
const env = { PATH: process.env['PATH'] ?? '' };
const nothing = { shields: [], openings: [] };
const limits = { limitMs: 600_000 };
const had = await trySeclusion(processes, nothing, env);
const skip = 'why' in had ? 'no namespaces can be had here' : false;

const isRootless = process.getuid?.() === 0 ? false : 'mounting needs root';

/** Root has them without a user namespace; anybody may have them with one. */
const accounts = process.getuid?.() === 0 ? [0, 65_534] : [process.getuid?.() ?? 0];

for (const uid of accounts) {
  const user = { uid, gid: uid };

  test(
    `uid ${uid}: a shield is read-only, an opening in it is not, and neither is what lies beside it`,
    { skip },
    async (t) => {
      const folder = scratchFolder(t, host);
      for (const name of ['live', 'live/copy']) mkdirSync(join(folder, name));
      for (const name of ['live/file', 'alone']) writeFileSync(join(folder, name), 'old');
      for (const name of ['', 'live', 'live/copy']) chmodSync(join(folder, name), 0o777);
      for (const name of ['live/file', 'alone']) chmodSync(join(folder, name), 0o666);
      const shields = ['alone', 'live'].map((name) => join(folder, name));
      const openings = [join(folder, 'live/copy')];
      const probe = { ...nothing, hasUserNamespace: uid !== 0 };
      const usable = await processes.run({ argv: secluded(probe, ['true']), env, user }, limits);
      if (usable.code !== 0) return t.skip('no namespaces can be had here');
      const script = `for f in live/file alone live/copy/new beside; do (echo new > $f) 2>/dev/null && echo $f; done
      cd live && (echo new > file) 2>/dev/null && echo again`;
      const argv = secluded({ shields, openings, hasUserNamespace: uid !== 0 }, [
        '/bin/sh',
        '-c',
        script,
      ]);
      const { stdout, stderr } = await processes.run({ argv, cwd: folder, env, user }, limits);
      assert.deepEqual(stdout.trim().split('\n'), ['live/copy/new', 'beside'], stderr);
      assert.equal(readFileSync(join(folder, 'live/file'), 'utf8'), 'old');
      assert.equal(readFileSync(join(folder, 'alone'), 'utf8'), 'old');
      assert.ok(existsSync(join(folder, 'live/copy/new')));
    },
  );
}

test('the folder that it runs in is read-only too, where that is a shield', { skip }, async (t) => {
  const folder = scratchFolder(t, host);
  const seclusion = { ...ready(), shields: [folder] };
  const argv = secluded(seclusion, ['/bin/sh', '-c', 'echo new > file']);
  const { code } = await processes.run({ argv, cwd: folder, env }, limits);
  assert.notEqual(code, 0);
  assert.equal(existsSync(join(folder, 'file')), false);
});

test(
  'a program is asked in its own network, and never is somebody else who has its port outside',
  { skip },
  async (t) => {
    const folder = scratchFolder(t, host);
    const port = await network.freePort();
    const other = createServer((_, response) => response.end('outside')).listen(port, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const serve = `require('node:http').createServer((_, response) => response.end('inside')).listen(${port}, '127.0.0.1')`;
    const argv = secluded(ready(), [process.execPath, '-e', serve]);
    const options = { detached: true, output: { appendTo: join(folder, 'log') } };
    const child = await processes.spawn({ argv, env }, options);
    t.after(() => processes.signal(child.identity, 'SIGKILL'));
    const inside = { ...ready(), pid: child.identity.pid };
    const url = new URL(`http://127.0.0.1:${port}/`);
    const asked = { limitMs: 60_000, bodyBytes: 100 };
    let answer = await network.within(inside).get(url, asked);
    while (answer.kind === 'unreachable' && processes.isAlive(child.identity))
      answer = await network.within(inside).get(url, asked);
    assert.deepEqual(
      { ...answer, firstByteMs: 0 },
      { kind: 'answered', status: 200, body: 'inside', firstByteMs: 0 },
    );
    // One that has no network of its own: nobody is taken for it.
    const self = { ...inside, pid: process.pid };
    assert.equal((await network.within(self).get(url, asked)).kind, 'unreachable');
    const command = beside(
      inside,
      ['/bin/sh', '-c', 'pwd; readlink /proc/self/ns/net /proc/self/ns/mnt'],
      folder,
    );
    const { stdout, stderr } = await processes.run({ argv: command, env }, limits);
    const [cwd, ...spaces] = stdout.trim().split('\n');
    assert.equal(cwd, folder, stderr);
    const own = await processes.run(
      { argv: ['readlink', '/proc/self/ns/net', '/proc/self/ns/mnt'] },
      limits,
    );
    const outer = own.stdout.trim().split('\n');
    assert.equal(spaces.length, 2);
    assert.ok(spaces.every((space, at) => space !== outer[at]));
  },
);

test('what is unmounted outside is gone within', { skip: skip || isRootless }, async (t) => {
  const folder = scratchFolder(t, host);
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const outside = (...argv: readonly [string, ...string[]]): Promise<{ code: number | null }> =>
    processes.run({ argv, env }, limits);
  assert.equal((await outside('mount', '--bind', folder, folder)).code, 0);
  try {
    assert.equal((await outside('mount', '--make-shared', folder)).code, 0);
    assert.equal((await outside('mount', '-t', 'tmpfs', 'backstep', inner)).code, 0);
    const wait = `: > ${folder}/begun; while grep -q ' ${inner} ' /proc/self/mountinfo; do sleep 0.05; done`;
    const argv = secluded(ready(), ['/bin/sh', '-c', wait]);
    const within = processes.run({ argv, env }, { limitMs: 60_000 });
    while (!existsSync(join(folder, 'begun'))) await setTimeout(20);
    assert.equal((await outside('umount', inner)).code, 0);
    assert.equal((await within).code, 0);
  } finally {
    await outside('umount', '-R', '-l', folder);
  }
});

test('what is missing is told in a line', async () => {
  assert.deepEqual(await trySeclusion(processes, nothing, { PATH: '/nowhere' }), {
    why: 'unshare (util-linux) is not there',
  });
});

test('a path that cannot be bound is told by its name', { skip }, async () => {
  const found = await trySeclusion(processes, { shields: ['/not/there'], openings: [] }, env);
  assert.ok('why' in found);
  assert.match(found.why, /\/not\/there cannot be bound/);
});

function ready(): Seclusion {
  assert.ok(!('why' in had));
  return had;
}
