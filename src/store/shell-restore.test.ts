import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { awkwardTree, describeTree, overwrite } from '../../test/contract/tree.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { nodeHost } from '../host/node.ts';
import { readWhole } from '../host/whole-file.ts';
import { openStore } from './store.ts';

const host = nodeHost();
const lineLimit = 20;

for (const shell of ['sh', 'bash', 'busybox']) {
  test(`the loop in the documentation restores a snapshot under ${shell}`, async (t) => {
    if (!(await isInstalled(shell)) || !(await isInstalled('sha256sum'))) {
      t.skip(`${shell} is not installed`);
      return;
    }
    const { storeRoot, id, tree, folder } = await snapshotOfAwkwardTree(t);
    const target = join(folder, 'by shell');
    const program = shell === 'busybox' ? (['busybox', 'sh'] as const) : ([shell] as const);
    const argv = [...program, '-c', loop(), 'restore', storeRoot, id, target] as const;
    const done = await host.processes.run({ argv: [...argv] }, { limitMs: 120_000 });
    assert.equal(done.stderr, '');
    assert.equal(done.code, 0);
    assert.deepEqual(describeTree(host.disk, join(target, 'data')), describeTree(host.disk, tree));
  });
}

test('the loop stops at a damaged object', async (t) => {
  const { storeRoot, id, folder, store } = await snapshotOfAwkwardTree(t);
  const file = store
    .read(id)
    .listing.entries()
    .find((entry) => entry.kind === 'file' && entry.sizeBytes > 0);
  const hash = file?.kind === 'file' ? (file.hashes[0] ?? '') : '';
  const object = join(storeRoot, 'objects', hash.slice(0, 2), hash.slice(2));
  host.disk.chmod(object, 0o600);
  overwrite(host.disk, object, 'X');
  const argv = ['sh', '-c', loop(), 'restore', storeRoot, id, join(folder, 'out')] as const;
  const done = await host.processes.run({ argv: [...argv] }, { limitMs: 120_000 });
  assert.notEqual(done.code, 0);
  assert.match(done.stderr, /damaged: /);
});

async function snapshotOfAwkwardTree(t: TestContext) {
  const folder = scratchFolder(t, host);
  const tree = join(folder, 'tree');
  const storeRoot = join(folder, 'store');
  awkwardTree(host.disk, tree);
  const store = openStore(host, storeRoot);
  const writer = await store.beginSnapshot({ label: 'for the shell' });
  writer.addTree(tree, { as: 'data' });
  return { folder, tree, storeRoot, store, id: writer.commit().id };
}

/** The shell block of docs/formats/snapshot.md. */
function loop(): string {
  const page = join(import.meta.dirname, '../../docs/formats/snapshot.md');
  const text = readWhole(host.disk, page).toString('utf8');
  const block = /```sh\n(.*?)```/s.exec(text)?.[1] ?? '';
  const lines = block.trim().split('\n').length;
  assert.ok(lines > 1 && lines <= lineLimit, `${lines} lines`);
  return block;
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    await host.processes.run({ argv: [program, '--help'] }, { limitMs: 10_000 });
    return true;
  } catch (error) {
    if (error instanceof BackstepError && error.code === 'process/missing') return false;
    throw error;
  }
}
