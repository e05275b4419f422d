import { stat, statfs } from 'node:fs/promises';

import { sqliteCode } from '../database/open.ts';
import { PlatformError } from '../platforms/platform.ts';

/** A failure of the engine itself, or a request that a download's status forbids. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

const sqliteFull = 13;
/** Less than this free, and the disk counts as full: a program cannot tell us its error code. */
const fullBelowBytes = 64 * 1024;

/** Why a download failed, told by the state of its folder first: a gone folder and a full disk have many faces. */
export async function failureOf(error: unknown, root: string): Promise<Failure> {
  if (!(await isFolder(root))) return folderGone(root);
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || sqliteCode(error) === sqliteFull) return diskFull;
  if (error instanceof PlatformError && error.code === 'platform/failed' && (await isFull(root))) {
    return diskFull;
  }
  if (error instanceof PlatformError || error instanceof EngineError) {
    return { code: error.code, message: error.message };
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const message = `The download folder ${root} cannot be written (${code}).`;
    return { code: 'folder/unwritable', message };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'download/failed', message: `The download failed: ${message}` };
}

export function folderGone(root: string): Failure {
  const message = `The download folder ${root} is not there. Mount or restore it, then resume.`;
  return { code: 'folder/gone', message };
}

/** The `code` of an operating system's error; null for other errors. */
export function systemCode(error: unknown): string | null {
  const isSystem = error instanceof Error && 'code' in error && 'errno' in error;
  return isSystem && typeof error.code === 'string' ? error.code : null;
}

export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) !== null) return false;
    throw error;
  }
}

const diskFull: Failure = {
  code: 'disk/full',
  message: 'The disk is full. Make room, then resume: what has come so far is kept.',
};

async function isFull(root: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(root);
  return bavail * bsize < fullBelowBytes;
}
