import { basename, dirname, join, resolve } from 'node:path/posix';
import { jsonOrNull } from '../form/json-text.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import { readWhole } from '../host/whole-file.ts';
import type { ReleaseGuess } from './draft.ts';

/** Where the files of the running program lie. */
export interface ProgramGuess extends ReleaseGuess {
  /** The folder of the release that runs, as the command names it. */
  readonly folder: string;
  /** The script or program file, absolute; null where only its folder is known. */
  readonly script: string | null;
  readonly why: string;
}

export interface Invocation {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Null where nothing runs. */
  readonly executable: string | null;
}

const marks = [
  'package.json',
  'VERSION',
  'pyproject.toml',
  'composer.json',
  'Gemfile',
  'Cargo.toml',
  'go.mod',
];
const systemFolders = /^\/(usr|bin|sbin|lib|lib64)\//;
/** How far above a script the folder of its program may lie. */
const mostLevels = 3;

/** The program of a command line; null where all of it belongs to the system. */
export function programOf(disk: Disk, { argv, cwd, executable }: Invocation): ProgramGuess | null {
  const words = argv.filter((word) => !word.startsWith('-')).slice(0, 4);
  const script = [...words.map((word) => resolve(cwd, word)), executable ?? '/'].find(
    (path) => !systemFolders.test(path) && isFile(disk, path) && !isInterpreter(path),
  );
  if (script === undefined) return null;
  return { ...around(disk, programFolder(disk, dirname(script))), script };
}

/** The program that lies in a folder, or right below it; null where nothing looks like one. */
export function programIn(disk: Disk, folder: string): ProgramGuess | null {
  for (const root of [folder, join(folder, 'releases'), join(folder, 'app')]) {
    if (disk.lstat(join(root, 'current'))?.kind === 'link') {
      return { ...around(disk, join(root, 'current')), script: null };
    }
  }
  const candidates = [folder, ...foldersIn(disk, folder)];
  const found = candidates.find((each) => marks.some((mark) => isFile(disk, join(each, mark))));
  return found === undefined ? null : { ...around(disk, found), script: null };
}

/** Whether releases lie side by side with a link to the one that runs, or one in place of the other. */
function around(disk: Disk, folder: string): Omit<ProgramGuess, 'script'> {
  const levels = [folder, dirname(folder), dirname(dirname(folder))];
  const linked = levels.find(
    (each) => disk.lstat(each)?.kind === 'link' && basename(each) === 'current',
  );
  if (linked !== undefined) {
    const root = dirname(linked);
    return {
      root,
      layout: 'symlink',
      folder: linked,
      why: `${linked} is a link to the release that runs`,
    };
  }
  const beside = join(dirname(folder), 'current');
  if (disk.lstat(beside)?.kind === 'link' && realOr(disk, beside) === realOr(disk, folder)) {
    const why = `${beside} leads to the release that runs`;
    return { root: dirname(folder), layout: 'symlink', folder, why };
  }
  return {
    root: folder,
    layout: 'in-place',
    folder,
    why: 'the running program lies here, and no link leads to it',
  };
}

function programFolder(disk: Disk, start: string): string {
  let folder = start;
  for (let level = 0; level <= mostLevels && folder !== '/'; level += 1) {
    if (marks.some((mark) => isFile(disk, join(folder, mark)))) return folder;
    folder = dirname(folder);
  }
  return start;
}

function isFile(disk: Disk, path: string): boolean {
  const kind = disk.lstat(path)?.kind;
  return kind === 'file' || (kind === 'link' && disk.lstat(realOr(disk, path))?.kind === 'file');
}

function isInterpreter(path: string): boolean {
  return /^(node|nodejs|python[\d.]*|ruby|perl|java|php|bun|deno|bash|sh|dash)$/.test(
    basename(path),
  );
}

function foldersIn(disk: Disk, folder: string): readonly string[] {
  if (disk.lstat(folder)?.kind !== 'folder') return [];
  return disk
    .list(folder)
    .map((name) => join(folder, name))
    .filter((path) => disk.lstat(path)?.kind === 'folder');
}

export function realOr(disk: Disk, path: string): string {
  try {
    return disk.realPath(path);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return path;
    throw error;
  }
}

const longestScriptBytes = 1024 * 1024;

/** What the program calls itself in its `package.json`, without a scope; null where it says nothing. */
export function ownName(disk: Disk, folder: string): string | null {
  const path = join(realOr(disk, folder), 'package.json');
  if (disk.lstat(path)?.kind !== 'file') return null;
  const described = jsonOrNull(readWhole(disk, path).toString('utf8'));
  const isNamed = typeof described === 'object' && described !== null && 'name' in described;
  return isNamed && typeof described.name === 'string' ? basename(described.name) : null;
}

/** True where the script itself speaks of a `migrate` command. */
export function offersMigration(disk: Disk, script: string): boolean {
  const stat = disk.lstat(realOr(disk, script));
  if (stat?.kind !== 'file' || stat.sizeBytes > longestScriptBytes) return false;
  return /['"`]migrate['"`]/.test(readWhole(disk, realOr(disk, script)).toString('latin1'));
}
