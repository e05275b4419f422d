import { isUtf8 } from 'node:buffer';
import { resolve } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import { isDiskError } from '../../host/disk-error.ts';
import type { Disk } from '../../host/disk.ts';

export const roles = ['before', 'after', 'now'] as const;
/** Which of the three states a file is. With `--forth`: displaced, right after the rollback, now. */
export type Role = (typeof roles)[number];

export interface Input {
  readonly role: Role;
  /** As it was written on the command line. */
  readonly written: string;
  /** Absolute, without links. */
  readonly path: string;
}

export type InputKind = 'sqlite' | 'json';

export interface Inputs {
  readonly kind: InputKind;
  readonly files: Readonly<Record<Role, Input>>;
}

/** What SQLite may keep beside a database, and what belongs to it. */
export const companions = ['-wal', '-journal'] as const;

const sqliteMark = Buffer.from('SQLite format 3\0');

/** Finds the three files and what they are, by their content. Throws `merge/input`, `disk/…`. */
export function openInputs(
  disk: Disk,
  cwd: string,
  written: Readonly<Record<Role, string>>,
): Inputs {
  const found = roles.map((role) => findInput(disk, cwd, { role, written: written[role] }));
  refuseSame(disk, found);
  const databases = found.filter(({ path }) => isDatabase(disk, path));
  const [others] = found.filter((input) => !databases.includes(input));
  const [database] = databases;
  if (database !== undefined && others !== undefined) throw mixed(database, others);
  if (database === undefined) for (const input of found) requireText(disk, input);
  const fileOf = (role: Role): Input => found.find((input) => input.role === role) ?? missing(role);
  return {
    kind: database === undefined ? 'json' : 'sqlite',
    files: { before: fileOf('before'), after: fileOf('after'), now: fileOf('now') },
  };
}

/** Tells whether something wrote to a file: its sizes and times, with what lies beside it. */
export function stampOf(disk: Disk, { path }: Input): string {
  const stats = ['', ...companions].map((companion) => disk.lstat(path + companion));
  return stats
    .map((stat) => (stat === null ? '-' : `${stat.inode}:${stat.sizeBytes}:${stat.modifiedNs}`))
    .join(' ');
}

/** True where both names lead to one file. */
export function isSameFile(disk: Disk, one: string, other: string): boolean {
  const [a, b] = [disk.lstat(one), disk.lstat(other)];
  return a !== null && b !== null && a.device === b.device && a.inode === b.inode;
}

function findInput(disk: Disk, cwd: string, input: Omit<Input, 'path'>): Input {
  const path = realPath(disk, resolve(cwd, input.written));
  if (path === null) {
    throw refused(input, 'is not there', 'check the name: backstep merge BEFORE AFTER NOW -o OUT');
  }
  const stat = disk.lstat(path);
  if (stat?.kind !== 'file') {
    throw refused(input, `is a ${stat?.kind ?? 'thing'}, no file`, 'name the file itself');
  }
  if (stat.sizeBytes === 0) {
    const hint = 'take the copy of that state again; an empty file is no state to merge with';
    throw refused(input, 'is empty', hint);
  }
  return { ...input, path };
}

function realPath(disk: Disk, path: string): string | null {
  try {
    return disk.realPath(path);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

function refuseSame(disk: Disk, found: readonly Input[]): void {
  for (const [n, input] of found.entries()) {
    const twin = found.slice(0, n).find((other) => isSameFile(disk, other.path, input.path));
    if (twin === undefined) continue;
    throw new BackstepError('merge/input', {
      message: `${twin.role} and ${input.role} are one file: ${input.written}`,
      hint: 'name three states: before the upgrade, right after it, and now',
    });
  }
}

function isDatabase(disk: Disk, path: string): boolean {
  const file = disk.openRead(path);
  try {
    const head = Buffer.alloc(sqliteMark.length);
    file.read(head, 0);
    return head.equals(sqliteMark);
  } finally {
    file.close();
  }
}

/** A first look; the reader of documents says what is wrong with one, and where. */
function requireText(disk: Disk, input: Input): void {
  const file = disk.openRead(input.path);
  try {
    const head = Buffer.alloc(256);
    const read = head.subarray(0, file.read(head, 0));
    if (isUtf8(read) || isUtf8(withoutTorn(read))) return;
  } finally {
    file.close();
  }
  const hint = 'an encrypted database must be decrypted first (PRAGMA rekey, or its own export)';
  throw refused(input, 'is neither a SQLite database nor JSON', hint);
}

/** Without the last character, which the cut may have gone through. */
function withoutTorn(head: Buffer): Buffer {
  let end = head.length;
  while (end > 0 && head.length - end < 4 && ((head[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return head.subarray(0, Math.max(0, end - 1));
}

function mixed(database: Input, other: Input): BackstepError {
  const what = `is no SQLite database, as ${database.written} is one`;
  const hint = 'all three must be databases, or all three JSON; it may be encrypted or damaged';
  return refused(other, what, hint);
}

function refused(input: Omit<Input, 'path'>, what: string, hint: string): BackstepError {
  return new BackstepError('merge/input', {
    message: `${input.role}: ${JSON.stringify(input.written)} ${what}`,
    hint: `${hint}; nothing was written`,
  });
}

function missing(role: Role): never {
  throw new Error(`no file for ${role}`);
}
