import { BackstepError } from '../fault/backstep-error.ts';
import type { ErrorCode } from '../fault/codes.ts';

/** What was tried, and where. */
export interface DiskAct {
  readonly act: string;
  readonly path: string;
  /** The other path of a rename, link or copy. */
  readonly to?: string;
  readonly cause?: unknown;
}

/** A disk operation that failed. `errno` is the system's own name for it (`ENOENT`), `code` is ours. */
export class DiskError extends BackstepError {
  readonly errno: string;
  readonly path: string;

  constructor(errno: string, tried: DiskAct) {
    const meaning = meanings[errno] ?? unforeseen;
    const to = tried.to === undefined ? '' : ` to ${JSON.stringify(tried.to)}`;
    super(meaning.code, {
      message: `${tried.act} ${JSON.stringify(tried.path)}${to}: ${meaning.text} (${errno})`,
      hint: meaning.hint,
      cause: tried.cause,
    });
    this.errno = errno;
    this.path = tried.path;
  }
}

/** True if the error is the disk's and bears one of these system names. */
export function isDiskError(error: unknown, ...errnos: readonly string[]): error is DiskError {
  return error instanceof DiskError && errnos.includes(error.errno);
}

interface Meaning {
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint: string;
}

const unforeseen: Meaning = {
  code: 'disk/failed',
  text: 'the operating system refused',
  hint: 'look the name of the error up in errno(3)',
};
const full: Meaning = {
  code: 'disk/full',
  text: 'no room left',
  hint: 'free space on that file system, then run the command again',
};
const refused: Meaning = {
  code: 'disk/refused',
  text: 'not permitted',
  hint: 'run as the owner of the application, or as root',
};
const missing: Meaning = {
  code: 'disk/missing',
  text: 'nothing is there',
  hint: 'check the path in the manifest',
};
const taken: Meaning = {
  code: 'disk/taken',
  text: 'something is there already',
  hint: 'move it aside, then run the command again',
};
const wrongKind: Meaning = {
  code: 'disk/kind',
  text: 'not the kind of file that was expected',
  hint: 'check what lies at the path: file, folder or link',
};
const readOnly: Meaning = {
  code: 'disk/read-only',
  text: 'the file system is mounted read-only',
  hint: 'mount it writable, then run the command again',
};
const damaged: Meaning = {
  code: 'disk/io',
  text: 'the device failed',
  hint: 'look into the kernel log; the disk may be dying',
};
const elsewhere: Meaning = {
  code: 'disk/other-device',
  text: 'the two paths are on different file systems',
  hint: 'keep what is renamed on one file system',
};
const busy: Meaning = {
  code: 'disk/busy',
  text: 'in use',
  hint: 'stop what uses it, then run the command again',
};
const exhausted: Meaning = {
  code: 'disk/too-many-open',
  text: 'too many open files',
  hint: 'raise the limit of open files (ulimit -n)',
};
const badName: Meaning = {
  code: 'disk/name',
  text: 'not a name that the file system takes',
  hint: 'shorten the name, or take out what is not allowed in it',
};
const unsupported: Meaning = {
  code: 'disk/unsupported',
  text: 'the file system cannot do this',
  hint: 'use a file system that can (ext4, xfs, btrfs)',
};

/** The one place that says what a system error means. */
const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EACCES: refused,
  EPERM: refused,
  ENOENT: missing,
  EEXIST: taken,
  ENOTEMPTY: taken,
  ENOTDIR: wrongKind,
  EISDIR: wrongKind,
  ELOOP: wrongKind,
  EINVAL: wrongKind,
  EROFS: readOnly,
  EIO: damaged,
  EXDEV: elsewhere,
  EBUSY: busy,
  ETXTBSY: busy,
  EMFILE: exhausted,
  ENFILE: exhausted,
  ENAMETOOLONG: badName,
  EILSEQ: badName,
  ENOTSUP: unsupported,
  EOPNOTSUPP: unsupported,
  ENOSYS: unsupported,
  ENOTTY: unsupported,
};
