import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { DiskError, isDiskError } from '../../src/host/disk-error.ts';
import type { Disk } from '../../src/host/disk.ts';
import type { Host } from '../../src/host/host.ts';
import {
  createWhole,
  makeFolders,
  readWhole,
  removeTree,
  replaceWhole,
} from '../../src/host/whole-file.ts';
import { scratchFolder } from './scratch.ts';
import { fc } from '../chance.ts';

/** Bytes that are no UTF-8 wherever they stand: 0xC0, 0xFF, 0x80 and a lead byte that nothing follows. */
const rawBytes = ['\udcc0', '\udcff', '\udc80', '\udcc3z'] as const;
const anyName = fc
  .array(
    fc.constantFrom(
      ...rawBytes,
      '\n',
      '\t',
      '\\',
      '-',
      ' ',
      '"',
      '\u0001',
      'a',
      'é',
      '😀',
      '\ufffd',
    ),
    {
      minLength: 1,
      maxLength: 50,
    },
  )
  .map((parts) => parts.join(''));

/** What every disk does, the machine's own and any that stands in for it. */
export function diskContract(name: string, makeHost: () => Host): void {
  const contract = (
    what: string,
    body: (at: { disk: Disk; folder: string; host: Host; t: TestContext }) => void,
  ): void => {
    test(`${name}: ${what}`, (t) => {
      const host = makeHost();
      body({ disk: host.disk, folder: scratchFolder(t, host), host, t });
    });
  };

  contract('nothing is null, whichever part of the path is missing', ({ disk, folder }) => {
    write(disk, join(folder, 'file'), 'x');
    assert.equal(disk.lstat(join(folder, 'none')), null);
    assert.equal(disk.lstat(join(folder, 'none/below')), null);
    assert.equal(disk.lstat(join(folder, 'file/below')), null);
  });

  contract('a file has the bytes and the mode that it was given', ({ disk, folder }) => {
    for (const mode of [0o400, 0o600, 0o666, 0o777, 0o000]) {
      const path = join(folder, mode.toString(8));
      createWhole(disk, path, { bytes: Buffer.from('abc'), mode });
      const stat = disk.lstat(path);
      assert.equal(stat?.kind, 'file');
      assert.equal(stat.mode, mode);
      assert.equal(stat.sizeBytes, 3);
      assert.equal(stat.linkCount, 1);
    }
  });

  contract('a folder has exactly its mode, and one level is made', ({ disk, folder }) => {
    disk.makeFolder(join(folder, 'wide'), 0o777);
    assert.equal(disk.lstat(join(folder, 'wide'))?.mode, 0o777);
    assert.throws(() => disk.makeFolder(join(folder, 'a/b'), 0o700), faultOf('ENOENT'));
    assert.throws(() => disk.makeFolder(join(folder, 'wide'), 0o700), faultOf('EEXIST'));
    makeFolders(disk, join(folder, 'a/b/c'), 0o750);
    assert.equal(disk.lstat(join(folder, 'a/b/c'))?.mode, 0o750);
    write(disk, join(folder, 'file'), 'x');
    assert.throws(() => makeFolders(disk, join(folder, 'file/below'), 0o700), faultOf('ENOTDIR'));
  });

  contract('reads and writes happen at their positions', ({ disk, folder }) => {
    const path = join(folder, 'file');
    const file = disk.create(path, 0o600);
    file.write(Buffer.from('world'), 6);
    file.write(Buffer.from('hello'), 0);
    const into = Buffer.alloc(20, 0x2e);
    assert.equal(file.read(into, 0), 11);
    assert.equal(into.subarray(0, 11).toString('latin1'), 'hello\0world');
    file.truncate(5);
    file.sync();
    assert.equal(file.stat().sizeBytes, 5);
    assert.equal(file.read(into, 5), 0);
    file.close();
    file.close();
    const again = disk.openWrite(path);
    again.write(Buffer.from('J'), 0);
    again.close();
    assert.equal(readWhole(disk, path).toString(), 'Jello');
  });

  contract('create refuses what is there, and does not follow a link', ({ disk, folder }) => {
    write(disk, join(folder, 'file'), 'x');
    disk.symlink(join(folder, 'elsewhere'), join(folder, 'link'));
    assert.throws(() => disk.create(join(folder, 'file'), 0o600), faultOf('EEXIST'));
    assert.throws(() => disk.create(join(folder, 'link'), 0o600), faultOf('EEXIST'));
    assert.equal(disk.lstat(join(folder, 'elsewhere')), null);
  });

  contract('opening takes regular files only, and follows no link', ({ disk, folder }) => {
    write(disk, join(folder, 'file'), 'x');
    disk.symlink('file', join(folder, 'link'));
    assert.throws(() => disk.openRead(join(folder, 'link')), faultOf('ELOOP'));
    assert.throws(() => disk.openWrite(join(folder, 'link')), faultOf('ELOOP'));
    assert.throws(() => disk.openRead(folder), faultOf('EINVAL', 'EISDIR'));
    assert.throws(() => disk.openRead(join(folder, 'none')), faultOf('ENOENT'));
  });

  contract('names are listed sorted, without dots', ({ disk, folder }) => {
    for (const own of ['b', 'a', '.hidden', 'B', '-dash', 'é']) write(disk, join(folder, own), '');
    assert.deepEqual(disk.list(folder), ['-dash', '.hidden', 'B', 'a', 'b', 'é']);
    assert.throws(() => disk.list(join(folder, 'a')), faultOf('ENOTDIR'));
    assert.throws(() => disk.list(join(folder, 'none')), faultOf('ENOENT'));
  });

  contract('kinds are listed with the names, links as links', ({ disk, folder }) => {
    write(disk, join(folder, 'b'), '');
    disk.makeFolder(join(folder, 'a'), 0o700);
    disk.symlink('a', join(folder, 'c'));
    disk.symlink('nowhere', join(folder, '\u{dcff}'));
    const kinds = disk.listKinds(folder);
    assert.deepEqual(
      kinds.map((each) => each.name),
      disk.list(folder),
    );
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      ['folder', 'file', 'link', 'link'],
    );
    assert.throws(() => disk.listKinds(join(folder, 'b')), faultOf('ENOTDIR'));
    assert.throws(() => disk.listKinds(join(folder, 'none')), faultOf('ENOENT'));
  });

  contract('a name of any bytes but NUL and slash comes back', ({ disk, folder }) => {
    let run = 0;
    fc.assert(
      fc.property(anyName, (own) => {
        const parent = join(folder, String((run += 1)));
        disk.makeFolder(parent, 0o700);
        write(disk, `${parent}/${own}`, 'x');
        assert.deepEqual(disk.list(parent), [own]);
        assert.equal(disk.lstat(`${parent}/${own}`)?.kind, 'file');
        disk.removeFile(`${parent}/${own}`);
        disk.symlink(own, join(parent, 'link'));
        assert.equal(disk.readLink(join(parent, 'link')), own);
      }),
      { numRuns: 60 },
    );
  });

  contract('a name that no disk keeps is refused', ({ disk, folder }) => {
    assert.throws(() => write(disk, join(folder, 'nul\0byte'), ''), faultOf('EILSEQ'));
    assert.throws(() => write(disk, join(folder, 'lone\ud800'), ''), faultOf('EILSEQ'));
    assert.throws(() => write(disk, join(folder, 'n'.repeat(300)), ''), faultOf('ENAMETOOLONG'));
  });

  contract('rename replaces a file, and nothing else', ({ disk, folder }) => {
    write(disk, join(folder, 'a'), 'new');
    write(disk, join(folder, 'b'), 'old');
    disk.rename(join(folder, 'a'), join(folder, 'b'));
    assert.equal(readWhole(disk, join(folder, 'b')).toString(), 'new');
    assert.deepEqual(disk.list(folder), ['b']);
    makeFolders(disk, join(folder, 'full/inner'), 0o700);
    disk.makeFolder(join(folder, 'other'), 0o700);
    const onto = (): void => disk.rename(join(folder, 'other'), join(folder, 'full'));
    assert.throws(onto, faultOf('ENOTEMPTY', 'EEXIST'));
    assert.throws(() => disk.rename(join(folder, 'none'), join(folder, 'x')), faultOf('ENOENT'));
  });

  contract('a hard link is the same file', ({ disk, folder }) => {
    write(disk, join(folder, 'a'), 'x');
    disk.link(join(folder, 'a'), join(folder, 'b'));
    const [a, b] = [disk.lstat(join(folder, 'a')), disk.lstat(join(folder, 'b'))];
    assert.equal(a?.inode, b?.inode);
    assert.equal(a?.device, b?.device);
    assert.equal(a?.linkCount, 2);
    assert.throws(() => disk.link(join(folder, 'a'), join(folder, 'b')), faultOf('EEXIST'));
  });

  contract('a symbolic link is what it says, wherever it points', ({ disk, folder }) => {
    disk.symlink('../nowhere/-x\n', join(folder, 'link'));
    assert.equal(disk.readLink(join(folder, 'link')), '../nowhere/-x\n');
    assert.equal(disk.lstat(join(folder, 'link'))?.kind, 'link');
    disk.makeFolder(join(folder, 'real'), 0o700);
    disk.symlink('real', join(folder, 'way'));
    assert.equal(disk.realPath(join(folder, 'way')), join(folder, 'real'));
    disk.removeFile(join(folder, 'link'));
    assert.equal(disk.lstat(join(folder, 'link')), null);
  });

  contract(
    'removing takes empty folders, and trees without following links',
    ({ disk, folder }) => {
      makeFolders(disk, join(folder, 'tree/inner'), 0o700);
      write(disk, join(folder, 'kept'), 'x');
      disk.symlink('../kept', join(folder, 'tree/link'));
      disk.symlink('..', join(folder, 'tree/inner/up'));
      assert.throws(() => disk.removeFolder(join(folder, 'tree')), faultOf('ENOTEMPTY', 'EEXIST'));
      disk.chmod(join(folder, 'tree/inner'), 0o000);
      removeTree(disk, join(folder, 'tree'));
      removeTree(disk, join(folder, 'tree'));
      assert.deepEqual(disk.list(folder), ['kept']);
    },
  );

  contract('times are set to the nanosecond, of links too', ({ disk, folder, t }) => {
    write(disk, join(folder, 'file'), 'x');
    disk.symlink('file', join(folder, 'link'));
    const times = [
      { path: join(folder, 'file'), modifiedNs: 1_700_000_000_123_456_789n },
      { path: join(folder, 'link'), modifiedNs: -1_500_000_001n },
      { path: folder, modifiedNs: 1_700_000_000_000_000_000n },
    ];
    if (disk.setTimes(times) === 'rounded') {
      t.skip('neither perl nor python3 is installed');
      return;
    }
    for (const { path, modifiedNs } of times)
      assert.equal(disk.lstat(path)?.modifiedNs, modifiedNs);
    const none = [{ path: join(folder, 'none'), modifiedNs: 5n }];
    assert.throws(() => disk.setTimes(none), faultOf('ENOENT'));
  });

  contract('mode and owner are those of the file or link itself', ({ disk, folder, host }) => {
    write(disk, join(folder, 'file'), 'x');
    disk.symlink('file', join(folder, 'link'));
    disk.chmod(join(folder, 'file'), 0o4751);
    assert.equal(disk.lstat(join(folder, 'file'))?.mode, 0o4751);
    const own = host.disk.lstat(folder);
    assert.ok(own);
    const owner = own.uid === 0 ? { uid: 1234, gid: 4321 } : { uid: own.uid, gid: own.gid };
    disk.lchown(join(folder, 'link'), owner);
    const link = disk.lstat(join(folder, 'link'));
    assert.deepEqual({ uid: link?.uid, gid: link?.gid }, owner);
    assert.equal(disk.lstat(join(folder, 'file'))?.uid, own.uid);
  });

  contract('a copy is another file; a clone is one too, or is not made', ({ disk, folder }) => {
    write(disk, join(folder, 'a'), 'x'.repeat(100_000));
    const how = disk.copy(join(folder, 'a'), join(folder, 'b'));
    const isCloned = disk.clone(join(folder, 'a'), join(folder, 'c'));
    assert.equal(how === 'cloned', isCloned);
    assert.equal(disk.lstat(join(folder, 'c')) !== null, isCloned);
    assert.equal(readWhole(disk, join(folder, 'b')).length, 100_000);
    assert.equal(disk.lstat(join(folder, 'b'))?.mode, 0o600);
    assert.notEqual(disk.lstat(join(folder, 'b'))?.inode, disk.lstat(join(folder, 'a'))?.inode);
    assert.throws(() => disk.copy(join(folder, 'a'), join(folder, 'b')), faultOf('EEXIST'));
    disk.symlink('a', join(folder, 'link'));
    assert.throws(() => disk.copy(join(folder, 'link'), join(folder, 'd')), faultOf('EINVAL'));
  });

  contract('syncs succeed on what is there and name what is not', ({ disk, folder }) => {
    write(disk, join(folder, 'file\n'), 'x');
    disk.syncFile(join(folder, 'file\n'));
    disk.syncFolder(folder);
    assert.equal(typeof disk.syncFileSystem(join(folder, 'file\n')), 'boolean');
    assert.throws(() => disk.syncFile(join(folder, 'none')), faultOf('ENOENT'));
    assert.throws(() => disk.syncFileSystem(join(folder, 'none')), faultOf('ENOENT'));
  });

  contract('a file is replaced whole, with nothing left beside it', ({ host, disk, folder }) => {
    const path = join(folder, 'file');
    replaceWhole(host, path, { bytes: Buffer.from('one'), mode: 0o600 });
    replaceWhole(host, path, { bytes: Buffer.from('two'), mode: 0o640 });
    assert.equal(readWhole(disk, path).toString(), 'two');
    assert.equal(disk.lstat(path)?.mode, 0o640);
    assert.deepEqual(disk.list(folder), ['file']);
    disk.makeFolder(join(folder, 'taken'), 0o700);
    const onto = (): void =>
      replaceWhole(host, join(folder, 'taken'), { bytes: Buffer.from('x'), mode: 0o600 });
    assert.throws(onto, faultOf('EISDIR', 'ENOTEMPTY', 'EEXIST'));
    assert.deepEqual(disk.list(folder), ['file', 'taken']);
  });

  contract('there is room, and a fault names its path', ({ disk, folder }) => {
    assert.ok(disk.freeBytes(folder) > 0);
    write(disk, join(folder, 'file'), 'in use');
    assert.ok(disk.usedBytes(folder) >= 'in use'.length);
    assert.throws(
      () => disk.removeFile(join(folder, 'none')),
      (error) =>
        isDiskError(error, 'ENOENT') &&
        error.code === 'disk/missing' &&
        error.path === join(folder, 'none'),
    );
  });
}

function write(disk: Disk, path: string, text: string): void {
  createWhole(disk, path, { bytes: Buffer.from(text), mode: 0o600 });
}

function faultOf(...errnos: string[]): (error: unknown) => boolean {
  return (error) => error instanceof DiskError && errnos.includes(error.errno);
}
