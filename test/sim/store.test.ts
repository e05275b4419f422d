import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Disk } from '../../src/host/disk.ts';
import type { Host } from '../../src/host/host.ts';
import { createWhole, makeFolders, readWhole } from '../../src/host/whole-file.ts';
import { keyOf, statThere } from '../../src/store/identity.ts';
import type { SnapshotId } from '../../src/store/snapshot-id.ts';
import { openStore } from '../../src/store/store.ts';
import { StruckMachine } from './struck-machine.ts';

const root = '/var/store';
const seed = 5;
const disksEach = 3;

for (const syncsWhole of [true, false]) {
  const how = syncsWhole
    ? 'a disk that is synced as a whole'
    : 'a disk that is synced file by file';
  describe(`the power fails on ${how}`, () => {
    test('while snapshots are taken and pruned, those that were promised stay whole', async (t) => {
      const machine = begin(syncsWhole);
      const promised: SnapshotId[] = [];
      const crashed: { machine: StruckMachine; promised: SnapshotId[]; at: number }[] = [];
      const work = async (host: Host): Promise<void> => {
        promised.push(await take(host));
        put(host.disk, '/tree/four', 'four');
        const kept = await take(host);
        openStore(host, root).pin({ id: kept, by: 'pair-1' });
        promised.push(kept);
        promised.shift();
        await prune(host);
      };
      await machine.run(work, (at) => {
        for (const each of machine.afterPowerLosses(disksEach, [seed, at]))
          crashed.push({ machine: each, promised: [...promised], at });
      });
      for (const each of crashed) await goOn(each);
      t.diagnostic(`${crashed.length} disks, seed ${seed}`);
    });

    test('after a snapshot whose predecessor was killed, it is whole', async (t) => {
      let [disks, at] = [0, 0];
      for (; ; at += 1) {
        const machine = begin(syncsWhole);
        if (!(await machine.kill(async (host) => void (await take(host)), at))) break;
        const promised: SnapshotId[] = [];
        await machine.run(async (host) => void promised.push(await take(host)));
        for (const each of machine.afterPowerLosses(disksEach, [seed, at])) {
          await requireSound(each, promised, `seed ${seed}, killed at act ${at}`);
          disks += 1;
        }
      }
      assert.ok(at > 20);
      t.diagnostic(`${at} kills, ${disks} disks, seed ${seed}`);
    });
  });
}

test('a file that lost its blocks, and neither its size nor its times, is read again after the boot', async (t) => {
  const machine = begin(false);
  const path = '/tree/two';
  overwrite(machine.disk, path, 'new'.repeat(400));
  await machine.run(async (host) => {
    await host.clock.sleep(coarseTickMs);
    await take(host);
  });
  // As the kernel does in time, with the one and not yet with the other.
  for (const name of machine.disk.list(`${root}/cache`))
    machine.disk.syncFile(`${root}/cache/${name}`);
  machine.disk.syncFolder(`${root}/cache`);
  const was = keyOf(statThere(machine.disk, path));
  let lost = 0;
  for (const booted of machine.afterPowerLosses(60, [seed])) {
    const bytes = readWhole(booted.disk, path).toString();
    const seemsUnchanged = keyOf(statThere(booted.disk, path)) === was;
    if (seemsUnchanged && bytes !== 'new'.repeat(400)) lost += 1;
    await booted.run(async (host) => {
      const id = await take(host);
      assert.equal(openStore(host, root).readFile(id, 'tree/two').toString(), bytes);
    });
  }
  assert.ok(lost > 5, `${lost}`);
  t.diagnostic(`${lost} disks with lost blocks, seed ${seed}`);
});

/** Longer than a file system's clock may stand still. */
const coarseTickMs = 3_000;

/** Without syncing it. */
function overwrite(disk: Disk, path: string, text: string): void {
  const file = disk.openWrite(path);
  file.write(Buffer.from(text), 0);
  file.close();
}

function begin(syncsWhole: boolean): StruckMachine {
  const machine = StruckMachine.begin({ syncsWhole });
  const { disk } = machine;
  makeFolders(disk, '/var', 0o755);
  makeFolders(disk, '/tree/inner', 0o755);
  put(disk, '/tree/one', 'one');
  put(disk, '/tree/two', 'two'.repeat(400));
  put(disk, '/tree/inner/three', 'three');
  for (const folder of ['/', '/tree', '/tree/inner']) disk.syncFolder(folder);
  return machine;
}

function put(disk: Disk, path: string, text: string): void {
  createWhole(disk, path, { bytes: Buffer.from(text), mode: 0o600, isSynced: true });
}

async function take(host: Host): Promise<SnapshotId> {
  const writer = await openStore(host, root).beginSnapshot({ label: 'test' });
  writer.addTree('/tree', { as: 'tree' });
  return writer.commit().id;
}

async function prune(host: Host): Promise<void> {
  const store = openStore(host, root);
  await store.prune({ retention: { last: 0 }, apply: true });
}

/** What was promised is whole, and another snapshot can be taken, which is whole then. */
async function goOn(struck: {
  readonly machine: StruckMachine;
  readonly promised: readonly SnapshotId[];
  readonly at: number;
}): Promise<void> {
  const when = `seed ${seed}, before act ${struck.at}`;
  await requireSound(struck.machine, struck.promised, when);
  const again: SnapshotId[] = [];
  await struck.machine.run(async (host) => void again.push(await take(host)));
  await requireSound(struck.machine, again, when);
}

/** Every snapshot that is listed, or was promised, is whole. */
async function requireSound(
  machine: StruckMachine,
  promised: readonly SnapshotId[],
  when: string,
): Promise<void> {
  await machine.run((host) => {
    const store = openStore(host, root);
    const listed = store.list().map(({ id }) => id);
    for (const id of promised) assert.ok(listed.includes(id), `${when}: ${id} is gone`);
    const bad = store.check('all').findings.filter(({ kind }) => kind !== 'orphaned');
    assert.deepEqual(bad, [], when);
  });
}
