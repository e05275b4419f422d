import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { overwrite, put } from '../../test/contract/tree.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { removeTree } from '../host/whole-file.ts';
import { nodeHost } from '../host/node.ts';
import { isObjectHash } from './entry.ts';
import { keptBy } from './retention.ts';
import { parseSnapshotId, type SnapshotId } from './snapshot-id.ts';
import { openStore, type Store } from './store.ts';
import { fc } from '../../test/chance.ts';

const host = nodeHost();
const { disk } = host;

test('a check finds what is damaged, missing, torn and orphaned, and says who needs it', async (t) => {
  const { store, tree } = scene(t);
  const first = await snapshotOf(store, tree, { a: 'one', b: 'two' });
  const second = await snapshotOf(store, tree, { a: 'one', c: 'three' });
  const third = await snapshotOf(store, tree, { d: 'four' });
  assert.deepEqual(store.check('all').findings, []);
  disk.chmod(objectOf(store, first, 'a'), 0o600);
  overwrite(disk, objectOf(store, first, 'a'), 'ONE');
  const missing = objectOf(store, second, 'c');
  disk.removeFile(missing);
  overwrite(disk, join(store.root, 'snapshots', `${third}.txt`), 'X');
  const report = store.check('all');
  assert.equal(report.isSound, false);
  const kinds = report.findings.map(({ kind }) => kind).sort();
  assert.deepEqual(kinds, ['damaged', 'missing', 'orphaned', 'torn']);
  const needs = report.findings.flatMap((one) => (one.kind === 'damaged' ? one.neededBy : []));
  assert.deepEqual(needs, [
    { id: first, path: 'data/a' },
    { id: second, path: 'data/a' },
  ]);
  assert.deepEqual(
    store.check(first).findings.map(({ kind }) => kind),
    ['damaged'],
  );
});

test('an object that was set aside is stored anew by the next snapshot', async (t) => {
  const { store, tree } = scene(t);
  const first = await snapshotOf(store, tree, { a: 'one' });
  disk.chmod(objectOf(store, first, 'a'), 0o600);
  overwrite(disk, objectOf(store, first, 'a'), 'ONE');
  const hashes = store
    .check('all')
    .findings.flatMap((one) => (one.kind === 'damaged' ? [one.hash] : []));
  store.setAside(hashes);
  assert.equal(store.check(first).findings[0]?.kind, 'missing');
  await snapshotOf(store, tree, { a: 'one' });
  assert.ok(store.check('all').isSound);
  assert.equal(store.readFile(first, 'data/a').toString(), 'one');
});

test('prune shows first, then removes, and nothing that is needed', async (t) => {
  const { store, tree } = scene(t);
  const first = await snapshotOf(store, tree, { a: 'one', b: 'shared' });
  const second = await snapshotOf(store, tree, { a: 'two', b: 'shared' });
  const third = await snapshotOf(store, tree, { a: 'three', b: 'shared' });
  store.pin({ id: first, by: 'pair-1' });
  const shown = await store.prune({ retention: { last: 1 } });
  assert.deepEqual(shown.remove, [second]);
  assert.deepEqual(shown.keep, [first, third]);
  assert.equal(shown.objects.length, 1);
  assert.ok(shown.freedBytes > 0);
  assert.equal(store.list().length, 3);
  assert.deepEqual(await store.prune({ retention: { last: 1 }, apply: true }), shown);
  assert.deepEqual(
    store.list().map(({ id }) => id),
    [first, third],
  );
  assert.deepEqual(store.check('all').findings, []);
  store.unpin({ id: first, by: 'pair-1' });
  store.unpin({ id: first, by: 'pair-1' });
  assert.deepEqual((await store.prune({ retention: {}, keep: [first] })).remove, [third]);
});

test('while a listing cannot be read nothing is removed', async (t) => {
  const { store, tree } = scene(t);
  await snapshotOf(store, tree, { a: 'one' });
  const second = await snapshotOf(store, tree, { a: 'two' });
  const listing = join(store.root, 'snapshots', `${second}.txt`);
  const file = disk.openWrite(listing);
  file.truncate(file.stat().sizeBytes - 5);
  file.close();
  const objects = join(store.root, 'objects');
  const before = disk.list(objects);
  await assert.rejects(store.prune({ retention: { last: 1 }, apply: true }), codeIs('store/torn'));
  assert.equal(store.list().length, 2);
  assert.deepEqual(disk.list(objects), before);
});

test('a pin is named plainly, and only for a snapshot that is there', async (t) => {
  const { store, tree } = scene(t);
  const id = await snapshotOf(store, tree, { a: 'one' });
  store.pin({ id, by: 'a.b' });
  store.pin({ id, by: 'a.b' });
  assert.deepEqual(store.pins(), [{ id, by: 'a.b' }]);
  assert.throws(() => store.pin({ id, by: '../x' }), codeIs('store/unsafe'));
  const none = parseSnapshotId('20200101T000000.000Z-000000');
  assert.throws(() => store.pin({ id: none, by: 'x' }), codeIs('store/no-snapshot'));
});

test('retention keeps the newest of each period', () => {
  const at = (time: string, tail: string) => ({
    id: parseSnapshotId(`${time.replaceAll(/[-:]/g, '')}-${tail}`),
    label: '',
    createdNs: BigInt(Date.parse(time)) * 1_000_000n,
  });
  const all = [
    at('2026-01-31T23:00:00.000Z', '000001'),
    at('2026-02-01T10:00:00.000Z', '000002'),
    at('2026-02-02T10:00:00.000Z', '000003'),
    at('2026-02-02T10:30:00.000Z', '000004'),
    at('2026-02-08T10:30:00.000Z', '000005'),
  ];
  const tails = (kept: ReadonlySet<SnapshotId>): readonly string[] =>
    [...kept].map((id) => id.slice(-1)).sort();
  assert.deepEqual(tails(keptBy({ last: 2 }, all)), ['4', '5']);
  assert.deepEqual(tails(keptBy({ hourly: 2 }, all)), ['4', '5']);
  assert.deepEqual(tails(keptBy({ daily: 3 }, all)), ['2', '4', '5']);
  assert.deepEqual(tails(keptBy({ weekly: 9 }, all)), ['2', '5']);
  assert.deepEqual(tails(keptBy({ monthly: 9 }, all)), ['1', '5']);
  assert.deepEqual(tails(keptBy({}, all)), []);
});

test('retention never keeps more than it says, and always the newest', () => {
  const rule = fc.record({
    last: fc.nat({ max: 5 }),
    hourly: fc.nat({ max: 5 }),
    daily: fc.nat({ max: 5 }),
    weekly: fc.nat({ max: 5 }),
    monthly: fc.nat({ max: 5 }),
  });
  const times = fc.array(fc.nat({ max: 20_000_000_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rule, times, (retention, milliseconds) => {
      const all = [...new Set(milliseconds)].map((ms, at) => ({
        id: parseSnapshotId(`20260101T000000.000Z-${at.toString(16).padStart(6, '0')}`),
        label: '',
        createdNs: BigInt(ms) * 1_000_000n,
      }));
      const kept = keptBy(retention, all);
      const limit = Object.values(retention).reduce((sum, count) => sum + count, 0);
      const newest = all.toSorted((a, b) => Number(b.createdNs - a.createdNs))[0];
      assert.ok(kept.size <= limit);
      assert.equal(kept.has(newest?.id ?? parseSnapshotId('')), limit > 0);
      assert.ok(kept.size >= Math.min(retention.last, all.length));
    }),
  );
});

function scene(t: TestContext): { store: Store; tree: string } {
  const folder = scratchFolder(t, host);
  return { store: openStore(host, join(folder, 'store')), tree: join(folder, 'tree') };
}

async function snapshotOf(
  store: Store,
  tree: string,
  files: Readonly<Record<string, string>>,
): Promise<SnapshotId> {
  removeTree(disk, tree);
  disk.makeFolder(tree, 0o700);
  for (const [name, text] of Object.entries(files)) put(disk, join(tree, name), text);
  const writer = await store.beginSnapshot({ label: 'test' });
  writer.addTree(tree, { as: 'data' });
  await host.clock.sleep(2);
  return writer.commit().id;
}

function objectOf(store: Store, id: SnapshotId, name: string): string {
  const entry = store
    .read(id)
    .listing.entries()
    .find(({ path }) => path === `data/${name}`);
  const hash = entry?.kind === 'file' ? (entry.hashes[0] ?? '') : '';
  assert.ok(isObjectHash(hash));
  return join(store.root, 'objects', hash.slice(0, 2), hash.slice(2));
}

function codeIs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BackstepError && error.code === code;
}
