import { DiskError } from './disk-error.ts';
import { toNative } from './node-path.ts';

type Native = string | Buffer;

/** The system's name of an error that `node:fs` or `node:child_process` threw; null for any other error. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Runs one call on one path; a system error becomes a DiskError, anything else passes. */
export function onDisk<T>(act: string, path: string, call: (native: Native) => T): T {
  const native = toNative(path);
  try {
    return call(native);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    throw new DiskError(errno, { act, path, cause: error });
  }
}

/** The same for a call on two paths. */
export function onTwo<T>(
  act: string,
  paths: { readonly path: string; readonly to: string },
  call: (path: Native, to: Native) => T,
): T {
  const path = toNative(paths.path);
  const to = toNative(paths.to);
  try {
    return call(path, to);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    throw new DiskError(errno, { act, ...paths, cause: error });
  }
}
