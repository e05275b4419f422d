import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { errorCode } from '../database/open.ts';
import { Problem } from './problem.ts';

const bytesPerMebibyte = 1024 * 1024;
const scarceBytes = 256 * bytesPerMebibyte;
const fullBytes = bytesPerMebibyte;

export interface Check {
  readonly status: 'ok' | 'degraded' | 'failing';
  readonly detail: string;
}

/** Whether files can be written to the download folder. It is never made again when it is gone. */
export function folderCheck(folder: string): Check {
  try {
    if (!statSync(folder).isDirectory()) return { status: 'failing', detail: 'is not a folder' };
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = errorCode(error);
    if (code === null) throw error;
    return { status: 'failing', detail: code === 'ENOENT' ? 'is gone' : `cannot be used: ${code}` };
  }
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < fullBytes) return { status: 'failing', detail: 'has no space left' };
  return {
    status: freeBytes < scarceBytes ? 'degraded' : 'ok',
    detail: `${Math.floor(freeBytes / bytesPerMebibyte)} MiB free`,
  };
}

/** A folder inside the download folder, without needless slashes; '' is the download folder itself. */
export function insideFolder(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const isOutside = name.startsWith('/') || parts.includes('..');
  if (isOutside || parts.some((part) => Buffer.byteLength(part) > 255))
    throw new Problem(400, 'folder/outside', {
      message: 'The folder must be one inside the download folder.',
      hint: 'Give a name such as music/live, without a slash at the beginning.',
    });
  return parts.join('/');
}
