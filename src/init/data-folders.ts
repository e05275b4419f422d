import { basename, dirname, join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import { nameOf, type NamedFolder } from './draft.ts';
import { kindOfFile } from './file-kind.ts';
import type { RunningProgram } from './process-look.ts';
import type { ProgramGuess } from './program.ts';

export interface Hints {
  /** Folders that the command line names. */
  readonly told: readonly NamedFolder[];
  readonly running: RunningProgram | null;
  readonly program: ProgramGuess | null;
  /** Where to look when nothing runs. */
  readonly folder: string;
}

const reserved = ['node', 'release', 'port', 'file'];
/** Names that folders of data have by custom. */
const customary = ['data', 'config', 'state', 'storage', 'var', 'db'];

/** Where the application keeps its state: what its command line names, else what it writes, else by custom. */
export function dataFolders(disk: Disk, hints: Hints): readonly NamedFolder[] {
  const { told, running, folder } = hints;
  const found = [...told];
  for (const path of writtenBy(disk, running)) {
    if (found.some((each) => isBelow(path, each.folder))) continue;
    const name = nameOf(basename(dirname(path)), [...reserved, ...found.map((each) => each.name)]);
    found.push({ name, folder: dirname(path), why: `the running process writes ${path}` });
  }
  return found.length > 0 ? withoutInner(found) : byCustom(disk, folder);
}

function writtenBy(disk: Disk, running: RunningProgram | null): readonly string[] {
  return (running?.files ?? []).flatMap(({ path, isWritten }) => {
    const stat = disk.lstat(path);
    if (!isWritten || stat === null) return [];
    const { kind } = kindOfFile(disk, path, { stat, pids: running?.pids ?? [] });
    return kind === 'left-out' ? [] : [path];
  });
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

function withoutInner(found: readonly NamedFolder[]): readonly NamedFolder[] {
  return found.filter(({ folder }) => !found.some((other) => isBelow(folder, other.folder)));
}

function byCustom(disk: Disk, folder: string): readonly NamedFolder[] {
  const there = customary.filter((name) => disk.lstat(join(folder, name))?.kind === 'folder');
  if (there.length === 0) return [{ name: 'data', folder, why: 'the folder that was named' }];
  return there.map((name) => ({
    name,
    folder: join(folder, name),
    why: 'such folders hold data by custom',
  }));
}
