import { createHash } from 'node:crypto';
import { join } from 'node:path/posix';
import type { Disk } from '../../src/host/disk.ts';
import { createWhole, readWhole } from '../../src/host/whole-file.ts';

/** Writes a file that must not exist, mode 0600. */
export function put(disk: Disk, path: string, text: string | Uint8Array): void {
  createWhole(disk, path, { bytes: Buffer.from(text), mode: 0o600 });
}

/** Writes over a file's first bytes; its size stays. */
export function overwrite(disk: Disk, path: string, text: string): void {
  const file = disk.openWrite(path);
  file.write(Buffer.from(text), 0);
  file.close();
}

/** A tree with what file systems can hold and careless programs cannot: at `root`, which must not exist. */
export function awkwardTree(disk: Disk, root: string): void {
  disk.makeFolder(root, 0o755);
  for (const own of [
    '-rf',
    'line\nbreak',
    'tab\there',
    'back\\slash',
    'raw\udcff\udc80',
    'é😀',
    '-',
    ' ',
    '%b',
  ]) {
    put(disk, join(root, own), `this is ${JSON.stringify(own)}`);
    disk.chmod(join(root, own), 0o640);
  }
  disk.makeFolder(join(root, 'inner\n'), 0o500);
  disk.chmod(join(root, 'inner\n'), 0o700);
  put(disk, join(root, 'inner\n/deep'), 'deep');
  disk.chmod(join(root, 'inner\n/deep'), 0o4711);
  put(disk, join(root, 'empty'), '');
  put(disk, join(root, 'closed'), 'only root may read this');
  if (disk.lstat(root)?.uid === 0) disk.chmod(join(root, 'closed'), 0o000);
  put(disk, join(root, 'large'), Buffer.alloc(5_000_000, 'large file'));
  disk.link(join(root, 'large'), join(root, 'zz-same-as-large'));
  disk.link(join(root, 'empty'), join(root, 'inner\n/same-as-empty'));
  const sparse = disk.create(join(root, 'sparse'), 0o600);
  sparse.truncate(9_000_000);
  sparse.write(Buffer.from('end'), 8_999_997);
  sparse.close();
  disk.symlink('../nowhere\n-', join(root, 'link'));
  disk.symlink('/etc', join(root, 'outward'));
  disk.makeFolder(join(root, 'void'), 0o1777);
  disk.setTimes([
    { path: join(root, 'empty'), modifiedNs: 1_000_000_000_000_000_001n },
    { path: join(root, 'link'), modifiedNs: 1_234_567_890_987_654_321n },
    { path: join(root, 'void'), modifiedNs: -1_000_000_000n },
    { path: join(root, 'inner\n'), modifiedNs: 1_111_111_111_111_111_111n },
  ]);
  disk.chmod(join(root, 'inner\n'), 0o500);
}

/** One line for all that can be seen of each entry below `root`; equal trees have equal descriptions. */
export function describeTree(disk: Disk, root: string): readonly string[] {
  const firstNames = new Map<bigint, string>();
  const describe = (name: string): string[] => {
    const path = join(root, name);
    const stat = disk.lstat(path);
    if (stat === null) return [`${name}: gone`];
    const first = firstNames.get(stat.inode) ?? name;
    firstNames.set(stat.inode, first);
    const { kind, mode, uid, gid, modifiedNs } = stat;
    const content =
      kind === 'file' ? digest(readWhole(disk, path)) : kind === 'link' ? disk.readLink(path) : '';
    const line = [name, kind, mode.toString(8), uid, gid, modifiedNs, content, first];
    const inside = kind === 'folder' ? disk.list(path) : [];
    return [
      JSON.stringify(line.map(String)),
      ...inside.flatMap((own) => describe(join(name, own))),
    ];
  };
  return describe('');
}

function digest(bytes: Uint8Array): string {
  return `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
}
