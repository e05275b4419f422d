import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { awkwardTree, describeTree, overwrite, put } from '../../test/contract/tree.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { DiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { nodeHost } from '../host/node.ts';
import type { ObjectHash } from './entry.ts';
import type { SnapshotId } from './snapshot-id.ts';
import { openStore, type Store } from './store.ts';

const host = nodeHost();
const { disk } = host;

test('the whole, a subtree, a single file and a choice of entries are restored', async (t) => {
  const { store, id, folder, tree } = await scene(t);
  store.restore(id, join(folder, 'whole'));
  assert.deepEqual(describeTree(disk, join(folder, 'whole/data')), describeTree(disk, tree));
  store.restore(id, join(folder, 'file'), { subtree: 'data/-rf' });
  assert.equal(
    disk.lstat(join(folder, 'file'))?.sizeBytes,
    disk.lstat(join(tree, '-rf'))?.sizeBytes,
  );
  const some = store.restore(id, join(folder, 'some'), {
    subtree: 'data',
    only: ['data/inner\n', 'data/link'],
  });
  assert.deepEqual(disk.list(join(folder, 'some')), ['inner\n', 'link']);
  assert.equal(some.fileCount, 2);
  assert.equal(store.restore(id, join(folder, 'none'), { only: [] }).fileCount, 0);
  assert.deepEqual(disk.list(join(folder, 'none')), []);
});

test('a hard link whose first name is not restored becomes the file', async (t) => {
  const { store, id, folder, tree } = await scene(t);
  store.restore(id, join(folder, 'out'), { only: ['data/zz-same-as-large'] });
  const restored = disk.lstat(join(folder, 'out/data/zz-same-as-large'));
  assert.equal(restored?.sizeBytes, disk.lstat(join(tree, 'large'))?.sizeBytes);
  assert.equal(restored?.linkCount, 1);
});

test('what is there already is never written over', async (t) => {
  const { store, id, folder } = await scene(t);
  const occupied = ['file', 'link', 'full'].map((own) => join(folder, own));
  put(disk, join(folder, 'file'), 'mine');
  disk.symlink('elsewhere', join(folder, 'link'));
  disk.makeFolder(join(folder, 'full'), 0o700);
  put(disk, join(folder, 'full/x'), 'mine');
  const before = describeTree(disk, folder);
  for (const target of occupied) {
    assert.throws(() => store.restore(id, target), codeIs('store/occupied'));
  }
  assert.deepEqual(describeTree(disk, folder), before);
  disk.makeFolder(join(folder, 'void'), 0o700);
  store.restore(id, join(folder, 'void'));
  assert.deepEqual(disk.list(join(folder, 'void')), ['data']);
});

test('a damaged or missing object stops a restore, names the file, and leaves nothing', async (t) => {
  const { store, id, folder } = await scene(t);
  const object = objectOf(store, id, 'data/-rf');
  disk.chmod(object.path, 0o600);
  overwrite(disk, object.path, 'X');
  const fails = (): void => {
    assert.throws(
      () => store.restore(id, join(folder, 'out')),
      (error) =>
        codeIs('store/damaged')(error) &&
        error instanceof Error &&
        error.message.includes('data/-rf'),
    );
    assert.equal(disk.lstat(join(folder, 'out')), null);
  };
  fails();
  assert.throws(() => store.readFile(id, 'data/-rf'), codeIs('store/damaged'));
  disk.removeFile(object.path);
  fails();
  store.restore(id, join(folder, 'rest'), { only: ['data/inner\n'] });
});

test('no entry of that name is said', async (t) => {
  const { store, id, folder } = await scene(t);
  const wrong = [{ subtree: 'none' }, { only: ['data/none'] }, { subtree: 'dat' }];
  for (const options of wrong) {
    assert.throws(
      () => store.restore(id, join(folder, 'out'), options),
      codeIs('store/no-snapshot'),
    );
  }
  assert.throws(() => store.readFile(id, 'data/void'), codeIs('store/no-snapshot'));
  assert.equal(disk.lstat(join(folder, 'out')), null);
});

test('without root the owner that cannot be given is reported', async (t) => {
  const noRoot: Disk = {
    ...disk,
    lstat: (path) => {
      const stat = disk.lstat(path);
      return stat && { ...stat, uid: path.includes('/tree') ? 4711 : stat.uid };
    },
    openRead: (path) => {
      const file = disk.openRead(path);
      return { ...file, stat: () => ({ ...file.stat(), uid: 4711 }) };
    },
    lchown: (path) => {
      throw new DiskError('EPERM', { act: 'change owner of', path });
    },
  };
  const { store, id, folder } = await scene(t, { ...host, disk: noRoot });
  const { ownerNotKept } = store.restore(id, join(folder, 'out'), { only: ['data/-rf'] });
  assert.deepEqual(ownerNotKept, ['data/-rf', 'data']);
});

test('a disk that shares blocks gets clones, in and out', async (t) => {
  let cloned = 0;
  const sharing: Disk = {
    ...disk,
    clone: (from, to) => {
      cloned += 1;
      disk.copy(from, to);
      return true;
    },
  };
  const { store, folder, tree } = await scene(t, { ...host, disk: sharing });
  put(disk, join(tree, 'middle'), Buffer.alloc(100_000, 'm'));
  const writer = await store.beginSnapshot({ label: 'shared' });
  writer.addTree(tree, { as: 'data' });
  const { id } = writer.commit();
  store.restore(id, join(folder, 'out'), { subtree: 'data' });
  assert.equal(cloned, 2);
  assert.deepEqual(describeTree(disk, join(folder, 'out')), describeTree(disk, tree));
  assert.ok(store.check('all').isSound);
});

async function scene(t: TestContext, on: Host = host) {
  const folder = scratchFolder(t, host);
  const tree = join(folder, 'tree');
  awkwardTree(disk, tree);
  const store = openStore(on, join(folder, 'store'));
  const writer = await store.beginSnapshot({ label: 'test' });
  writer.addTree(tree, { as: 'data' });
  return { folder, tree, store, id: writer.commit().id };
}

function objectOf(store: Store, id: SnapshotId, path: string): { hash: ObjectHash; path: string } {
  const entry = store
    .read(id)
    .listing.entries()
    .find((one) => one.path === path);
  const [hash] = entry?.kind === 'file' ? entry.hashes : [];
  assert.ok(hash !== undefined);
  return { hash, path: join(store.root, 'objects', hash.slice(0, 2), hash.slice(2)) };
}

function codeIs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BackstepError && error.code === code;
}
