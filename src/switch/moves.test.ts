import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Disk } from '../host/disk.ts';
import { nodeHost } from '../host/node.ts';
import { displaceAll, placeAll, renameBack, type Move } from './moves.ts';

const { disk } = nodeHost();

class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'backstep-moves-'));
  readonly moves: Move[] = [];

  constructor(t: TestContext) {
    t.after(() => rmSync(this.folder, { recursive: true }));
    for (const name of ['live', 'staged', 'displaced']) mkdirSync(join(this.folder, name));
  }

  add(unit: string, before: string | null, wanted: string | null): void {
    const at = (place: string): string => join(this.folder, place, unit);
    if (before !== null) writeFileSync(at('live'), before);
    if (wanted !== null) writeFileSync(at('staged'), wanted);
    this.moves.push({
      asset: 'a',
      unit,
      live: at('live'),
      staged: wanted === null ? null : at('staged'),
      displaced: before === null ? null : at('displaced'),
      stray: at('strays'),
    });
  }

  live(): Record<string, string> {
    const folder = join(this.folder, 'live');
    return Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
  }
}

function scene(t: TestContext): Scene {
  const made = new Scene(t);
  made.add('changed', 'old', 'new');
  made.add('gone', 'old', null);
  made.add('fresh', null, 'new');
  return made;
}

const before = { changed: 'old', gone: 'old' };
const wanted = { changed: 'new', fresh: 'new' };

test('displace and place, each twice, bring the wanted units', (t) => {
  const s = scene(t);
  displaceAll(disk, s.moves);
  displaceAll(disk, s.moves);
  assert.deepEqual(s.live(), {});
  assert.deepEqual(placeAll(disk, s.moves), []);
  assert.deepEqual(placeAll(disk, s.moves), []);
  assert.deepEqual(s.live(), wanted);
});

test('whatever was done of it, renaming back gives what was there, also twice', (t) => {
  for (let displaced = 0; displaced <= 3; displaced += 1) {
    const s = scene(t);
    displaceAll(disk, s.moves.slice(0, displaced));
    assert.deepEqual(renameBack(disk, s.moves), []);
    assert.deepEqual(s.live(), before, `${displaced} displaced`);
  }
  for (let placed = 0; placed <= 3; placed += 1) {
    const s = scene(t);
    displaceAll(disk, s.moves);
    placeAll(disk, s.moves.slice(0, placed));
    assert.deepEqual(renameBack(disk, s.moves), []);
    assert.deepEqual(renameBack(disk, s.moves), []);
    assert.deepEqual(s.live(), before, `${placed} placed`);
  }
});

test('renamed back, and the staging thrown away in part: a second time changes nothing', (t) => {
  for (const left of [['staged'], ['displaced'], ['staged', 'displaced'], []]) {
    const s = scene(t);
    displaceAll(disk, s.moves);
    placeAll(disk, s.moves);
    renameBack(disk, s.moves);
    for (const name of ['staged', 'displaced']) {
      const folder = join(s.folder, name);
      for (const unit of readdirSync(folder)) rmSync(join(folder, unit));
      if (!left.includes(name)) rmSync(folder, { recursive: true });
    }
    assert.deepEqual(renameBack(disk, s.moves), []);
    assert.deepEqual(s.live(), before, `left: ${left.join()}`);
  }
});

test('an occupied name is moved aside and told, never overwritten', (t) => {
  const s = scene(t);
  displaceAll(disk, s.moves);
  writeFileSync(join(s.folder, 'live/changed'), 'made by a restarted application');
  writeFileSync(join(s.folder, 'live/gone'), 'the same');
  const strays = placeAll(disk, s.moves);
  assert.deepEqual(s.live(), wanted);
  assert.deepEqual(
    strays.map(({ movedTo }) => readFileSync(movedTo, 'utf8')),
    ['made by a restarted application', 'the same'],
  );
  assert.ok(existsSync(join(s.folder, 'displaced/changed')));
});

/** Which folders' names are safe, if one act syncs a whole file system or if none does. */
class SyncedDisk {
  readonly folders = new Set<string>();
  readonly fileSystems: string[] = [];
  readonly disk: Disk;

  constructor(hasWholeSync: boolean, deviceOf: (path: string) => bigint) {
    this.disk = {
      ...disk,
      lstat: (path) => {
        const stat = disk.lstat(path);
        return stat === null ? null : { ...stat, device: deviceOf(path) };
      },
      syncFolder: (path) => this.folders.add(path),
      syncFileSystem: (path) => {
        this.fileSystems.push(path);
        return hasWholeSync;
      },
    };
  }
}

/** Renames in more folders than are synced one by one. */
function manyFolders(t: TestContext): Scene {
  const made = new Scene(t);
  for (let n = 0; n < 10; n += 1) {
    for (const place of ['live', 'staged', 'displaced'])
      mkdirSync(join(made.folder, place, `d${n}`));
    made.add(`d${n}/file`, 'old', 'new');
  }
  return made;
}

test('many folders reach the disk in one act for each file system', (t) => {
  const made = manyFolders(t);
  const isLive = (path: string): boolean => path.startsWith(join(made.folder, 'live'));
  const synced = new SyncedDisk(true, (path) => (isLive(path) ? 1n : 2n));
  displaceAll(synced.disk, made.moves);
  assert.equal(synced.fileSystems.length, 2);
  assert.equal(synced.fileSystems.filter(isLive).length, 1);
  assert.deepEqual([...synced.folders], []);
});

test('where one act is refused each folder is synced', (t) => {
  const made = manyFolders(t);
  const synced = new SyncedDisk(false, () => 1n);
  placeAll(synced.disk, made.moves);
  const renamedIn = ['live', 'staged'].flatMap((place) =>
    made.moves.map((_, n) => join(made.folder, place, `d${n}`)),
  );
  for (const folder of renamedIn) assert.ok(synced.folders.has(folder), folder);
});

test('a few folders are synced one by one', (t) => {
  const made = scene(t);
  const synced = new SyncedDisk(true, () => 1n);
  displaceAll(synced.disk, made.moves);
  assert.deepEqual(synced.fileSystems, []);
  assert.ok(synced.folders.has(join(made.folder, 'live')));
});

test('a file that a loss of power left under both names keeps the new one alone', (t) => {
  const made = scene(t);
  linkSync(join(made.folder, 'live/changed'), join(made.folder, 'displaced/changed'));
  displaceAll(disk, made.moves);
  assert.deepEqual(made.live(), {});
  linkSync(join(made.folder, 'staged/changed'), join(made.folder, 'live/changed'));
  assert.deepEqual(placeAll(disk, made.moves), []);
  assert.deepEqual(made.live(), wanted);
  assert.deepEqual(readdirSync(join(made.folder, 'staged')), []);
});

test('renamed back, a file under both names is where it was, and no stray', (t) => {
  const made = scene(t);
  displaceAll(disk, made.moves);
  linkSync(join(made.folder, 'displaced/changed'), join(made.folder, 'live/changed'));
  linkSync(join(made.folder, 'staged/fresh'), join(made.folder, 'live/fresh'));
  assert.deepEqual(renameBack(disk, made.moves), []);
  assert.deepEqual(made.live(), before);
  assert.deepEqual(readdirSync(join(made.folder, 'displaced')), []);
  assert.deepEqual(readdirSync(join(made.folder, 'staged')), ['changed', 'fresh']);
});

test('folders that were made for a unit are synced with it', (t) => {
  const made = new Scene(t);
  mkdirSync(join(made.folder, 'staged/deep/deeper'), { recursive: true });
  made.add('deep/deeper/fresh', null, 'new');
  const synced: string[] = [];
  const watched: Disk = {
    ...disk,
    syncFolder: (path) => {
      synced.push(path);
      disk.syncFolder(path);
    },
  };
  placeAll(watched, made.moves);
  for (const folder of ['live', 'live/deep', 'live/deep/deeper']) {
    assert.ok(synced.includes(join(made.folder, folder)), folder);
  }
});
