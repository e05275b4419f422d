import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chanceFrom } from '../../sim/chance.ts';
import { simulatedDisk, type SimulatedDisk } from '../../sim/disk.ts';
import { orders, type Order } from '../../sim/name-log.ts';
import { SimulatedTime } from '../../sim/simulated-host.ts';
import type { Disk } from '../../src/host/disk.ts';
import { createWhole, readWhole } from '../../src/host/whole-file.ts';

const seeds = 300;

describe('what a loss of power leaves on the simulated disk', () => {
  test('names and bytes that were synced stay, whatever happens', () => {
    const after = endsOf((disk) => {
      write(disk, '/a', 'kept');
      disk.syncFile('/a');
      disk.syncFolder('/');
    });
    assert.deepEqual(after, ['a=kept']);
  });

  test('a name that was not synced may be gone, bytes that were not may be gone or zeros', () => {
    const after = endsOf((disk) => {
      write(disk, '/a', 'text');
    });
    assert.deepEqual(after, ['', 'a=', 'a=....', 'a=text']);
  });

  test('a new file under an old name may be empty if it was not synced before the rename', () => {
    const change = (disk: Disk): void => {
      write(disk, '/new', 'new');
      disk.rename('/new', '/a');
      disk.syncFolder('/');
    };
    assert.deepEqual(endsOf(change, withA), ['a=', 'a=...', 'a=new']);
    const synced = (disk: Disk): void => {
      write(disk, '/new', 'new');
      disk.syncFile('/new');
      disk.rename('/new', '/a');
    };
    assert.deepEqual(endsOf(synced, withA), ['a=new', 'a=old', 'a=old new=new']);
  });

  test('a file that goes to another folder is in one of them, in both only if that one was synced', () => {
    const move = (disk: Disk): void => disk.rename('/a', '/folder/a');
    const [here, there] = ['a=old folder/', 'folder/ folder/a=old'];
    const both = 'a=old folder/ folder/a=old';
    assert.deepEqual(endsOf(move, withFolder), [here, there]);
    const syncedHere = (disk: Disk): void => {
      move(disk);
      disk.syncFolder('/');
    };
    assert.deepEqual(endsOf(syncedHere, withFolder), [here, there]);
    const syncedThere = (disk: Disk): void => {
      move(disk);
      disk.syncFolder('/folder');
    };
    assert.deepEqual(endsOf(syncedThere, withFolder), [both, there]);
    const synced = (disk: Disk): void => {
      syncedHere(disk);
      disk.syncFolder('/folder');
    };
    assert.deepEqual(endsOf(synced, withFolder), [there]);
  });

  test('a file whose new folder never came into being is where it was', () => {
    const move = (disk: Disk): void => {
      disk.makeFolder('/new', 0o700);
      disk.rename('/a', '/new/a');
    };
    for (const end of endsOf(move, withA)) assert.match(end, /a=old/);
    const back = (disk: Disk): void => {
      move(disk);
      disk.rename('/new/a', '/b');
      disk.removeFolder('/new');
    };
    for (const end of endsOf(back, withA)) assert.match(end, /[ab]=old/);
  });

  test('later names may be kept while earlier ones are lost, unless the journal keeps their order', () => {
    const twice = (disk: Disk): void => {
      disk.makeFolder('/one', 0o700);
      disk.makeFolder('/two', 0o700);
    };
    assert.deepEqual(endsOf(twice, empty, ['journal']), ['', 'one/', 'one/ two/']);
    assert.deepEqual(endsOf(twice, empty, ['none']), ['', 'one/', 'one/ two/', 'two/']);
  });

  test('a write is torn at a block', () => {
    const ends = endsOf(
      (disk) => {
        const file = disk.openWrite('/a');
        file.write(Buffer.alloc(1200, 'n'), 0);
        file.close();
      },
      (disk) => {
        write(disk, '/a', 'o'.repeat(1200));
      },
    );
    const runs = ends.map((end) =>
      end
        .slice(2)
        .match(/n+|o+/g)
        ?.map(({ length }) => length),
    );
    assert.ok(runs.some((lengths) => lengths?.join() === '512,688'));
    for (const end of ends) assert.match(end, /^a=[no]+$/);
  });

  test('the whole file system is synced at once where there is an act for it', () => {
    const change = (disk: Disk): void => {
      disk.makeFolder('/folder', 0o700);
      write(disk, '/folder/a', 'new');
      assert.ok(disk.syncFileSystem('/'));
    };
    assert.deepEqual(endsOf(change), ['folder/ folder/a=new']);
  });

  test('the disk that goes on is left as it was, and equal seeds leave equal disks', () => {
    const simulated = simulatedDisk(new SimulatedTime().nowNs);
    write(simulated.disk, '/a', 'one');
    const before = lies(simulated.disk);
    const ends = [1, 1].map((seed) => lies(simulated.crashed(chanceFrom(seed), 'none').disk));
    assert.equal(ends[0], ends[1]);
    assert.equal(lies(simulated.disk), before);
  });
});

function empty(): void {
  // Nothing lies on it.
}

function withA(disk: Disk): void {
  write(disk, '/a', 'old');
}

function withFolder(disk: Disk): void {
  withA(disk);
  disk.makeFolder('/folder', 0o700);
}

/** Every different state in which a loss of power after the change leaves the disk, sorted. */
function endsOf(
  change: (disk: Disk) => void,
  before: (disk: Disk) => void = empty,
  within: readonly Order[] = orders,
): string[] {
  const simulated = simulatedDisk(new SimulatedTime().nowNs);
  before(simulated.disk);
  simulated.disk.syncFileSystem('/');
  change(simulated.disk);
  const ends = within.flatMap((order) => crashes(simulated, order));
  return [...new Set(ends)].sort();
}

function crashes(simulated: SimulatedDisk, order: Order): string[] {
  return Array.from({ length: seeds }, (_, seed) =>
    lies(simulated.crashed(chanceFrom(seed), order).disk),
  );
}

/** What lies where, on one line; zeros are shown as dots. */
function lies(disk: Disk, folder = '/'): string {
  const found = disk.listKinds(folder).flatMap(({ name, kind }) => {
    const path = `${folder === '/' ? '' : folder}/${name}`;
    if (kind === 'folder') return [`${path.slice(1)}/`, lies(disk, path)];
    return [`${path.slice(1)}=${readWhole(disk, path).toString().replaceAll('\0', '.')}`];
  });
  return found.filter((each) => each !== '').join(' ');
}

function write(disk: Disk, path: string, text: string): void {
  createWhole(disk, path, { bytes: Buffer.from(text), mode: 0o600 });
}
