import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { describeTree, put } from '../../test/contract/tree.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk, DiskFile } from '../host/disk.ts';
import { nodeHost } from '../host/node.ts';
import { removeTree } from '../host/whole-file.ts';
import type { SnapshotId } from './snapshot-id.ts';
import { openStore, type Store } from './store.ts';

const host = nodeHost();
const { disk } = host;

test('killed at any moment, the store is sound and the next snapshot is taken', async (t) => {
  const folder = scratchFolder(t, host);
  const [root, tree] = [join(folder, 'store'), join(folder, 'tree')];
  disk.makeFolder(tree, 0o700);
  const program = join(import.meta.dirname, '../../test/contract/snapshot-loop.ts');
  for (const lifeMs of [250, 400, 550, 700]) {
    const argv = [process.execPath, program, root, tree] as const;
    const child = await host.processes.spawn(
      { argv: [...argv] },
      { detached: true, output: 'ignore' },
    );
    await host.clock.sleep(lifeMs);
    host.processes.signalGroup(child.identity.pid, 'SIGKILL');
    assert.equal((await child.exited).signal, 'SIGKILL');
    const store = openStore(host, root);
    assert.ok(store.check('all').isSound);
    const id = await snapshot(store, tree);
    store.restore(id, join(folder, `restored-${lifeMs}`), { subtree: 'data' });
    const restored = describeTree(disk, join(folder, `restored-${lifeMs}`));
    assert.deepEqual(restored, describeTree(disk, tree));
    assert.deepEqual(disk.list(join(root, 'incoming')), []);
  }
});

test('stopped before any one act of the disk, the store is as it was or has the snapshot', async (t) => {
  const first = await stoppedAt(t, Number.POSITIVE_INFINITY);
  assert.ok(first.acts > 20);
  for (let act = 0; act < first.acts; act += 1) {
    const { root, tree, before } = await stoppedAt(t, act);
    const store = openStore(host, root);
    const report = store.check('all');
    assert.ok(report.isSound, `act ${act}`);
    assert.equal(store.readFile(before, 'data/a').toString(), 'a before');
    await store.prune({ retention: { last: 99 }, apply: true });
    assert.deepEqual(store.check('all').findings, [], `act ${act}`);
    const after = await snapshot(store, tree);
    assert.equal(store.readFile(after, 'data/a').toString(), 'a after', `act ${act}`);
    removeTree(disk, root);
  }
});

test('an object gets its name only once it is durable, a listing only after that', async (t) => {
  const folder = scratchFolder(t, host);
  const acts: string[] = [];
  const recording: Disk = {
    ...disk,
    rename: (from, to) => {
      disk.rename(from, to);
      acts.push(
        to.includes('/objects/') ? 'name object' : to.endsWith('.txt') ? 'name listing' : '',
      );
    },
    syncFile: (path) => {
      acts.push(path.endsWith('.txt') ? 'sync listing' : 'sync object');
      disk.syncFile(path);
    },
    syncFolder: (path) => {
      acts.push(path.includes('/objects') ? 'sync names' : 'sync folder');
      disk.syncFolder(path);
    },
    syncFileSystem: () => false,
  };
  disk.makeFolder(join(folder, 'tree'), 0o700);
  put(disk, join(folder, 'tree/a'), 'a');
  const store = openStore({ ...host, disk: recording }, join(folder, 'store'));
  acts.length = 0;
  await snapshot(store, join(folder, 'tree'));
  assert.deepEqual(
    acts.filter((act) => act !== ''),
    [
      'sync object',
      'name object',
      'sync listing',
      'sync names',
      'sync names',
      'name listing',
      'sync folder',
    ],
  );
});

test('a full disk is said, changes no snapshot, and room makes it go on', async (t) => {
  const folder = scratchFolder(t, host);
  const [mounted, tree] = [join(folder, 'small'), join(folder, 'tree')];
  disk.makeFolder(mounted, 0o700);
  disk.makeFolder(tree, 0o700);
  const mount = ['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mounted] as const;
  if ((await host.processes.run({ argv: [...mount] }, { limitMs: 10_000 })).code !== 0) {
    t.skip('mounting needs root');
    return;
  }
  try {
    const store = openStore(host, join(mounted, 'store'));
    put(disk, join(tree, 'small'), 'small');
    const kept = await snapshot(store, tree);
    put(disk, join(tree, 'large'), Buffer.alloc(2_000_000, 'large'));
    await assert.rejects(
      snapshot(store, tree),
      (error) =>
        isDiskError(error, 'ENOSPC') &&
        error.code === 'disk/full' &&
        error.path.startsWith(mounted),
    );
    assert.deepEqual(
      store.list().map(({ id }) => id),
      [kept],
    );
    assert.deepEqual(store.check('all').findings, []);
    put(disk, join(mounted, 'ballast'), Buffer.alloc(disk.freeBytes(mounted)));
    assert.throws(() => store.restore(kept, join(mounted, 'out')), codeIs('disk/full'));
    assert.equal(disk.lstat(join(mounted, 'out')), null);
    disk.removeFile(join(mounted, 'ballast'));
    disk.removeFile(join(tree, 'large'));
    await snapshot(store, tree);
    assert.ok(store.check('all').isSound);
  } finally {
    await host.processes.run({ argv: ['umount', mounted] }, { limitMs: 10_000 });
  }
});

/** As a power cut would: from one act on, nothing more reaches the disk, clean-up included. */
class Stopped extends Error {}

async function stoppedAt(t: TestContext, stopAt: number) {
  const folder = scratchFolder(t, host);
  const [root, tree] = [join(folder, 'store'), join(folder, 'tree')];
  disk.makeFolder(tree, 0o700);
  put(disk, join(tree, 'a'), 'a before');
  put(disk, join(tree, 'b'), 'b');
  const before = await snapshot(openStore(host, root), tree);
  removeTree(disk, join(tree, 'a'));
  put(disk, join(tree, 'a'), 'a after');
  let acts = 0;
  const count = (): void => {
    if (acts >= stopAt) throw new Stopped();
    acts += 1;
  };
  const store = openStore({ ...host, disk: counting(count) }, root);
  const attempt = await snapshot(store, tree).catch((error: unknown) => error);
  if (stopAt < Number.POSITIVE_INFINITY) {
    assert.ok(attempt instanceof Stopped || typeof attempt === 'string');
    removeTree(disk, join(root, 'lock'));
  }
  return { acts, root, tree, before };
}

/** Calls `count` before each act that changes what is durable. */
function counting(count: () => void): Disk {
  const counted = <Result>(act: () => Result): Result => {
    count();
    return act();
  };
  const file = (open: DiskFile): DiskFile => ({
    ...open,
    write: (bytes, position) => counted(() => open.write(bytes, position)),
    truncate: (sizeBytes) => counted(() => open.truncate(sizeBytes)),
    sync: () => counted(() => open.sync()),
  });
  return {
    ...disk,
    create: (path, mode) => counted(() => file(disk.create(path, mode))),
    rename: (from, to) => counted(() => disk.rename(from, to)),
    link: (existing, to) => counted(() => disk.link(existing, to)),
    makeFolder: (path, mode) => counted(() => disk.makeFolder(path, mode)),
    removeFile: (path) => counted(() => disk.removeFile(path)),
    removeFolder: (path) => counted(() => disk.removeFolder(path)),
    chmod: (path, mode) => counted(() => disk.chmod(path, mode)),
    syncFile: (path) => counted(() => disk.syncFile(path)),
    syncFolder: (path) => counted(() => disk.syncFolder(path)),
    syncFileSystem: (path) => counted(() => disk.syncFileSystem(path)),
  };
}

async function snapshot(store: Store, tree: string): Promise<SnapshotId> {
  const writer = await store.beginSnapshot({ label: 'test' });
  try {
    writer.addTree(tree, { as: 'data' });
    return writer.commit().id;
  } finally {
    writer.abort();
  }
}

function codeIs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BackstepError && error.code === code;
}
