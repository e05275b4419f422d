import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Disk } from '../host/disk.ts';
import type { Problem } from './problem.ts';

const sizeLimitBytes = 1024 * 1024;

export type TextFile =
  | { readonly ok: true; readonly text: string; readonly sha256: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A file written by hand: UTF-8 with or without a byte order mark, 1 MiB at most. Throws what the disk throws. */
export function readTextFile(disk: Disk, path: string): TextFile {
  const file = disk.openRead(path);
  try {
    const { sizeBytes } = file.stat();
    if (sizeBytes > sizeLimitBytes)
      return refused('the file is over 1 MiB', 'is it the right one?');
    const buffer = new Uint8Array(sizeLimitBytes);
    const bytes = buffer.subarray(0, file.read(buffer, 0));
    if (!isUtf8(bytes)) return refused('the file is no UTF-8', 'save it as UTF-8');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { ok: true, text: new TextDecoder().decode(bytes), sha256 };
  } finally {
    file.close();
  }
}

function refused(message: string, hint: string): TextFile {
  return { ok: false, problems: [{ line: 1, column: 1, path: '', message, hint }] };
}
