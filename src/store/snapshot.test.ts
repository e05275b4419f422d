import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { awkwardTree, describeTree, overwrite, put } from '../../test/contract/tree.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk, FileStat } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { nodeHost } from '../host/node.ts';
import { makeFolders, readWhole } from '../host/whole-file.ts';
import { openStore, type Store } from './store.ts';
import type { Committed } from './writer.ts';

/** What the store makes must not depend on it. */
process.umask(0);

const host = nodeHost();
const { disk } = host;

test('an awkward tree comes back the same in all that can be seen', async (t) => {
  const { tree, store, folder } = scene(t);
  awkwardTree(disk, tree);
  const { id } = await snapshot(store, tree);
  const restored = store.restore(id, join(folder, 'out'), { subtree: 'data' });
  assert.deepEqual(describeTree(disk, join(folder, 'out')), describeTree(disk, tree));
  assert.deepEqual(restored.ownerNotKept, []);
  const sparse = disk.lstat(join(folder, 'out/sparse'));
  assert.ok(sparse && sparse.allocatedBytes < sparse.sizeBytes);
});

test('everything in the store is its owner’s alone', async (t) => {
  const { tree, store } = scene(t);
  awkwardTree(disk, tree);
  await snapshot(store, tree);
  for (const { path, stat } of allOf(store.root)) {
    const isObject = path.startsWith(join(store.root, 'objects')) && stat.kind === 'file';
    const expected = stat.kind === 'folder' ? 0o700 : isObject ? 0o400 : 0o600;
    assert.equal(stat.mode.toString(8), expected.toString(8), path);
  }
});

test('what did not change is not read again, what changed is', async (t) => {
  const { tree, store } = scene(t);
  disk.makeFolder(tree, 0o700);
  for (let at = 0; at < 20; at += 1) put(disk, join(tree, String(at)), `file ${at}`);
  put(disk, join(tree, 'large'), Buffer.alloc(6_000_000, 'x'));
  await pastTick();
  const full = await snapshot(store, tree);
  assert.equal(full.readCount, 21);
  assert.equal((await snapshot(store, tree)).readCount, 0);
  overwrite(disk, join(tree, '7'), 'FILE');
  overwrite(disk, join(tree, 'large'), 'y');
  const changed = await snapshot(store, tree);
  assert.equal(changed.readCount, 2);
  assert.equal(changed.newObjectCount, 2);
  assert.equal(changed.newBytes, 6 + 1_048_576);
  assert.equal(store.readFile(changed.id, 'data/7').toString(), 'FILE 7');
  assert.equal(store.readFile(full.id, 'data/7').toString(), 'file 7');
});

test('a single file is added unread only where it cannot have changed', async (t) => {
  const { tree, store } = scene(t);
  put(disk, tree, 'one');
  await pastTick();
  assert.equal(await addUnchanged(store, tree), null);
  await snapshot(store, tree);
  const known = await addUnchanged(store, tree);
  assert(known !== null);
  assert.equal(store.readFile(known.id, 'data').toString(), 'one');
  const again = await addUnchanged(store, tree);
  assert.equal(again?.readCount, 0);
  const { modifiedNs } = disk.lstat(tree) ?? { modifiedNs: 0n };
  overwrite(disk, tree, 'two');
  disk.setTimes([{ path: tree, modifiedNs }]);
  assert.equal(await addUnchanged(store, tree), null);
});

test('a listing that was altered after it was read is read anew', async (t) => {
  const { tree, store } = scene(t);
  put(disk, tree, 'one');
  const { id } = await snapshot(store, tree);
  assert.equal(store.read(id), store.read(id));
  const path = join(store.root, 'snapshots', `${id}.txt`);
  overwrite(disk, path, 'x');
  assert.throws(() => store.read(id), codeIs('store/torn'));
});

test('a change within one tick of the clock is seen (racy)', async (t) => {
  const frozen = {
    ...host,
    disk: withStats((stat) => ({ ...stat, modifiedNs: 5n, changedNs: 5n })),
  };
  const { tree, store } = scene(t, frozen);
  disk.makeFolder(tree, 0o700);
  put(disk, join(tree, 'file'), 'one');
  await snapshot(store, tree);
  overwrite(disk, join(tree, 'file'), 'two');
  const { id } = await snapshot(store, tree);
  assert.equal(store.readFile(id, 'data/file').toString(), 'two');
});

test('mode and owner are seen to change where no time tells of it', async (t) => {
  const { tree, store } = scene(t, {
    ...host,
    disk: withStats((stat) => (stat.kind === 'file' ? { ...stat, changedNs: 7n } : stat)),
  });
  disk.makeFolder(tree, 0o700);
  put(disk, join(tree, 'file'), 'one');
  await pastTick();
  await snapshot(store, tree);
  assert.equal((await snapshot(store, tree)).readCount, 0);
  disk.chmod(join(tree, 'file'), 0o604);
  const { id } = await snapshot(store, tree);
  assert.match(store.read(id).listing.lineOf('data/file') ?? '', /^file\t0604\t/);
});

test('an object that went meanwhile is stored again', async (t) => {
  const { tree, store } = scene(t);
  disk.makeFolder(tree, 0o700);
  put(disk, join(tree, 'a'), 'one');
  put(disk, join(tree, 'b'), 'two');
  await pastTick();
  await snapshot(store, tree);
  assert.equal((await snapshot(store, tree)).readCount, 0);
  const [{ path } = { path: '' }] = [...allOf(join(store.root, 'objects'))].filter(
    ({ stat }) => stat.kind === 'file',
  );
  disk.removeFile(path);
  const again = await snapshot(store, tree);
  assert.deepEqual([again.readCount, again.newObjectCount], [1, 1]);
  assert.equal(store.readFile(again.id, 'data/a').toString(), 'one');
  assert.equal(store.readFile(again.id, 'data/b').toString(), 'two');
});

test('a stat cache that was cut or altered is not believed', async (t) => {
  const { tree, store } = scene(t);
  disk.makeFolder(tree, 0o700);
  put(disk, join(tree, 'a'), 'one');
  put(disk, join(tree, 'b'), 'two');
  await pastTick();
  await snapshot(store, tree);
  const [own = ''] = disk.list(join(store.root, 'cache'));
  const path = join(store.root, 'cache', own);
  const text = readWhole(disk, path).toString();
  const [a = '', b = ''] = text.match(/[0-9a-f]{64}/g) ?? [];
  const swapped = text.replace(b, a);
  assert.notEqual(swapped, text);
  for (const altered of [swapped, text.slice(0, -70), text.slice(1), '', 'stat-cache\t1\n']) {
    disk.removeFile(path);
    put(disk, path, altered);
    const { id, readCount } = await snapshot(store, tree);
    assert.equal(readCount, 2);
    assert.equal(store.readFile(id, 'data/b').toString(), 'two');
  }
  assert.equal((await snapshot(store, tree)).readCount, 0);
});

test('a file is known again by its name whatever came, went or changed around it', async (t) => {
  const { tree, store } = scene(t);
  disk.makeFolder(tree, 0o700);
  const names = [
    '-',
    'a',
    'a\tb',
    'a\\tb',
    'b',
    'link\tb',
    'back\\slash',
    '\\t',
    'line\nline',
    'ä',
    'z',
  ];
  for (const name of names) put(disk, join(tree, name), `bytes of ${name}`);
  // Stands right before `a` in the listing, and ends as it does.
  makeFolders(disk, join(tree, '_a/data'), 0o700);
  put(disk, join(tree, '_a/data/a'), 'below');
  await pastTick();
  assert.equal((await snapshot(store, tree)).readCount, names.length + 1);
  assert.equal((await snapshot(store, tree)).readCount, 0);
  for (const [removed, added] of [
    ['a', '0'],
    ['z', 'm'],
    ['-', 'zz'],
  ] as const) {
    disk.removeFile(join(tree, removed));
    put(disk, join(tree, added), `bytes of ${added}`);
    await pastTick();
    const { id, readCount } = await snapshot(store, tree);
    assert.equal(readCount, 1, `${removed} went, ${added} came`);
    for (const name of disk.list(tree).filter((each) => each !== '_a')) {
      assert.equal(store.readFile(id, `data/${name}`).toString(), `bytes of ${name}`);
    }
  }
});

test('a file that changes while it is read is read again', async (t) => {
  let left = 3;
  const { tree, store } = scene(t, {
    ...host,
    disk: withChangeOnRead('busy', () => (left -= 1) >= 0),
  });
  disk.makeFolder(tree, 0o700);
  put(disk, join(tree, 'busy'), '0000');
  const { id } = await snapshot(store, tree);
  assert.equal(left, -1);
  assert.equal(store.readFile(id, 'data/busy').toString(), '0003');
});

test('a file that never stops changing is refused by name, and nothing is left', async (t) => {
  const { tree, store } = scene(t, { ...host, disk: withChangeOnRead('busy', () => true) });
  disk.makeFolder(tree, 0o700);
  put(disk, join(tree, 'busy'), '0000');
  await assert.rejects(snapshot(store, tree), (error) => {
    assert.ok(error instanceof BackstepError);
    assert.equal(error.code, 'store/changing');
    assert.match(error.message, /busy/);
    return true;
  });
  assert.deepEqual(store.list(), []);
  assert.deepEqual(disk.list(join(store.root, 'incoming')), []);
});

test('a file that is removed meanwhile is passed over', async (t) => {
  const vanishing: Disk = {
    ...disk,
    openRead: (path) => {
      if (path.endsWith('/gone') && disk.lstat(path) !== null) disk.removeFile(path);
      return disk.openRead(path);
    },
  };
  const { tree, store } = scene(t, { ...host, disk: vanishing });
  disk.makeFolder(tree, 0o700);
  put(disk, join(tree, 'gone'), 'x');
  put(disk, join(tree, 'there'), 'x');
  const { id } = await snapshot(store, tree);
  assert.deepEqual(pathsIn(store, id), ['data', 'data/there']);
});

test('a socket, FIFO or device is left out and said', async (t) => {
  const { tree, store } = scene(t);
  disk.makeFolder(tree, 0o700);
  const made = await host.processes.run(
    { argv: ['mkfifo', join(tree, 'pipe')] },
    { limitMs: 10_000 },
  );
  assert.equal(made.code, 0);
  const committed = await snapshot(store, tree);
  assert.deepEqual(committed.leftOut, [{ kind: 'left-out', path: 'data/pipe', what: 'fifo' }]);
});

test('what is not taken is left out, and a folder that holds nothing else with it', async (t) => {
  const { tree, store } = scene(t);
  disk.makeFolder(tree, 0o700);
  disk.makeFolder(join(tree, 'cache'), 0o700);
  put(disk, join(tree, 'cache/x'), 'x');
  put(disk, join(tree, 'app.pid'), '1');
  put(disk, join(tree, 'kept'), 'x');
  const writer = await store.beginSnapshot({ label: 'partial' });
  const takes = (name: string): boolean => !name.endsWith('.pid') && !name.startsWith('cache/');
  writer.addTree(tree, { as: 'deep/er', takes });
  writer.addBytes(Buffer.from('{}'), { as: 'deep/note.json', mode: 0o640 });
  const { id } = writer.commit();
  assert.deepEqual(pathsIn(store, id), ['deep', 'deep/er', 'deep/er/kept', 'deep/note.json']);
  assert.equal(store.readFile(id, 'deep/note.json').toString(), '{}');
});

test('another file system inside is an error that names it', async (t) => {
  const { tree, store, folder } = scene(t);
  disk.makeFolder(tree, 0o700);
  disk.makeFolder(join(tree, 'mounted'), 0o700);
  const mount = ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', join(tree, 'mounted')] as const;
  if ((await host.processes.run({ argv: [...mount] }, { limitMs: 10_000 })).code !== 0) {
    t.skip('mounting needs root');
    return;
  }
  try {
    await assert.rejects(snapshot(store, tree), codeIs('store/mount-inside'));
    const untold = { ...host, disk: { ...disk, mountPoints: () => [] } };
    const other = openStore(untold, join(folder, 'other store'));
    await assert.rejects(snapshot(other, tree), codeIs('store/mount-inside'));
    const bind = ['mount', '--bind', '--', tree, join(tree, 'mounted')] as const;
    await host.processes.run({ argv: [...bind] }, { limitMs: 10_000 });
    await assert.rejects(snapshot(store, tree), codeIs('store/mount-inside'));
  } finally {
    for (let mounted = 0; mounted < 2; mounted += 1) {
      await host.processes.run({ argv: ['umount', join(tree, 'mounted')] }, { limitMs: 10_000 });
    }
  }
  await snapshot(store, tree);
});

test('a tree that holds the store, a name twice and a name that leads out are refused', async (t) => {
  const { tree, store, folder } = scene(t);
  disk.makeFolder(tree, 0o700);
  await assert.rejects(snapshot(store, folder), codeIs('store/unsafe'));
  await assert.rejects(snapshot(store, join(folder, 'none')), codeIs('disk/missing'));
  const writer = await store.beginSnapshot({ label: 'twice' });
  writer.addTree(tree, { as: 'data' });
  assert.throws(() => writer.addTree(tree, { as: 'data' }), codeIs('store/occupied'));
  assert.throws(() => writer.addTree(tree, { as: '../data' }), codeIs('store/unsafe'));
  writer.abort();
  writer.abort();
  assert.deepEqual(store.list(), []);
});

function scene(t: TestContext, on: Host = host): { tree: string; store: Store; folder: string } {
  const folder = scratchFolder(t, host);
  return { folder, tree: join(folder, 'tree'), store: openStore(on, join(folder, 'store')) };
}

async function snapshot(store: Store, tree: string): Promise<Committed> {
  const writer = await store.beginSnapshot({ label: 'test' });
  try {
    writer.addTree(tree, { as: 'data' });
    return writer.commit();
  } finally {
    writer.abort();
  }
}

function pathsIn(store: Store, id: Committed['id']): readonly string[] {
  return store.read(id).listing.paths;
}

/** Null where the file was not known. */
async function addUnchanged(store: Store, file: string): Promise<Committed | null> {
  const writer = await store.beginSnapshot({ label: 'known' });
  try {
    return writer.addUnchanged(file, { as: 'data' }) ? writer.commit() : null;
  } finally {
    writer.abort();
  }
}

function* allOf(path: string): Generator<{ path: string; stat: FileStat }> {
  const stat = disk.lstat(path);
  if (stat === null) return;
  yield { path, stat };
  for (const own of stat.kind === 'folder' ? disk.list(path) : []) yield* allOf(join(path, own));
}

/** The machine's disk, seen through other eyes. */
function withStats(seen: (stat: FileStat) => FileStat): Disk {
  return {
    ...disk,
    lstat: (path) => {
      const stat = disk.lstat(path);
      return stat === null ? null : seen(stat);
    },
    openRead: (path) => {
      const file = disk.openRead(path);
      return { ...file, stat: () => seen(file.stat()) };
    },
  };
}

/** Somebody writes to the file of that name each time that it is read, as long as `isOn`. */
function withChangeOnRead(name: string, isOn: () => boolean): Disk {
  let count = 0;
  return {
    ...disk,
    openRead: (path) => {
      const file = disk.openRead(path);
      if (!path.endsWith(`/${name}`)) return file;
      return {
        ...file,
        read: (into, position) => {
          const length = file.read(into, position);
          if (isOn()) overwrite(disk, path, String((count += 1)).padStart(4, '0'));
          return length;
        },
      };
    },
  };
}

function codeIs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BackstepError && error.code === code;
}

/** Lets the file system's clock move on, so that what was written before is not racy. */
async function pastTick(): Promise<void> {
  await host.clock.sleep(30);
}
