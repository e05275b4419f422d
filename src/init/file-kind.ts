import { basename } from 'node:path/posix';
import { jsonOrNull } from '../form/json-text.ts';
import type { Disk, FileStat } from '../host/disk.ts';
import { readWhole } from '../host/whole-file.ts';

/** sqlite, json, other: state · left-out: a file that belongs in no asset. */
export interface FileKind {
  readonly kind: 'sqlite' | 'json' | 'other' | 'left-out';
  readonly why: string;
  /** By its name or mode: what it holds should never be shown. */
  readonly isSecret: boolean;
}

const header = 'SQLite format 3\0';
/** Documents above this size are kept as files. */
const longestDocumentBytes = 16 * 1024 * 1024;
const shortBytes = 4096;

const leftOut: readonly (readonly [name: RegExp, why: string])[] = [
  [/-(wal|shm|journal)$/, 'belongs to the database beside it'],
  [/\.(lock|lck)$|^lock$/i, 'a lock'],
  [/\.pid$/i, 'names a process'],
  [/\.sock(et)?$/i, 'a socket'],
  [/\.log(\.\d+)?(\.gz)?$|^log$/i, 'a log'],
  [/\.(tmp|temp|swp|part|partial|new|bak|orig)$|~$|^\.#/i, 'a temporary or spare file'],
];
const secretNames = /secret|token|credential|passw|auth|private|\.pem$|\.key$|\.p12$|^\.env/i;

/** What a file is, by its content before its name. `pids`: the running application's. */
export function kindOfFile(
  disk: Disk,
  path: string,
  { stat, pids }: { readonly stat: FileStat; readonly pids: readonly number[] },
): FileKind {
  const name = basename(path);
  const isSecret = secretNames.test(name);
  if (stat.kind !== 'file') return { kind: 'left-out', why: `a ${stat.kind}`, isSecret };
  if (startOf(disk, path, header.length) === header) {
    return { kind: 'sqlite', why: 'begins as SQLite databases do', isSecret };
  }
  const known = leftOut.find(([pattern]) => pattern.test(name));
  if (known !== undefined) return { kind: 'left-out', why: known[1], isSecret };
  if (stat.sizeBytes <= shortBytes && namesProcess(startOf(disk, path, shortBytes), pids)) {
    return { kind: 'left-out', why: 'names the running process', isSecret };
  }
  if (isDocument(disk, path, stat)) return { kind: 'json', why: 'a JSON document', isSecret };
  return { kind: 'other', why: 'a file of its own kind', isSecret };
}

function startOf(disk: Disk, path: string, sizeBytes: number): string {
  const file = disk.openRead(path);
  try {
    const bytes = Buffer.alloc(sizeBytes);
    return bytes.subarray(0, file.read(bytes, 0)).toString('latin1');
  } finally {
    file.close();
  }
}

function namesProcess(text: string, pids: readonly number[]): boolean {
  return pids.some((pid) =>
    new RegExp(`"?pid"?\\s*[:=]\\s*${pid}\\b|^\\s*${pid}\\s*$`, 'i').test(text),
  );
}

function isDocument(disk: Disk, path: string, { sizeBytes }: FileStat): boolean {
  if (!/\.json$/i.test(path) || sizeBytes > longestDocumentBytes) return false;
  const value = jsonOrNull(readWhole(disk, path).toString('utf8'));
  return typeof value === 'object' && value !== null;
}
