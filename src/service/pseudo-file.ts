import { isDiskError } from '../host/disk-error.ts';
import type { Host } from '../host/host.ts';

/**
 * The text of a file that the kernel makes up (/proc, cgroups); null where it, or the process it tells
 * of, is gone or not ours to look into. Such files say that they are empty, so they are read to the end.
 */
export function readPseudoFile(host: Host, path: string): string | null {
  return unlessUnseen(() => readToEnd(host, path));
}

export function readPseudoLink(host: Host, path: string): string | null {
  return unlessUnseen(() => host.disk.readLink(path));
}

function unlessUnseen<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ESRCH', 'ENODEV', 'EACCES', 'EPERM')) return null;
    throw error;
  }
}

function readToEnd(host: Host, path: string): string {
  const file = host.disk.openRead(path);
  try {
    const first = file.read(part, 0);
    if (first < partBytes) return part.toString('utf8', 0, first);
    const parts = [Buffer.from(part)];
    for (let at = partBytes; at < longestBytes; at += partBytes) {
      const count = file.read(part, at);
      parts.push(Buffer.from(part.subarray(0, count)));
      if (count < partBytes) break;
    }
    return Buffer.concat(parts).toString('utf8');
  } finally {
    file.close();
  }
}

const partBytes = 64 * 1024;
/** One for all: a switch reads hundreds of such files, and nearly all of them are short. */
const part = Buffer.allocUnsafeSlow(partBytes);
/** Arguments and environment of a process are at most 6 MiB each on Linux. */
const longestBytes = 8 * 1024 * 1024;
