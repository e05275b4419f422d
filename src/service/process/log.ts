import { join } from 'node:path';
import { isDiskError } from '../../host/disk-error.ts';
import type { Disk } from '../../host/disk.ts';
import type { Host } from '../../host/host.ts';
import { readTail, writePrivate } from '../private-file.ts';

/**
 * The application writes its output straight into the log file, so that it goes on writing if the
 * supervisor is killed. The file is opened to append: once it is cut, writing goes on at its new end.
 */
export function logPath(folder: string): string {
  return join(folder, 'output.log');
}

/**
 * Keeps the log and its older part (`output.log.1`) within `limitBytes` together: beyond half of it, the
 * newest half is kept aside and the file is cut. Called again and again; between two calls the log may
 * grow further, and what is written in the instant of cutting is lost.
 */
export function boundLog(host: Host, folder: string, limitBytes: number): void {
  const path = logPath(folder);
  const halfBytes = Math.floor(limitBytes / 2);
  const sizeBytes = host.disk.lstat(path)?.sizeBytes ?? 0;
  if (sizeBytes <= halfBytes) return;
  writePrivate(host, `${path}.1`, readTail(host.disk, path, halfBytes));
  const file = host.disk.openWrite(path);
  try {
    file.truncate(0);
  } finally {
    file.close();
  }
}

/** Marks where a start of the child begins; only while no child writes. */
export function markStart(host: Host, folder: string, count: number): void {
  const at = new Date(host.clock.now()).toISOString();
  const file = openOrCreate(host.disk, logPath(folder));
  try {
    const { sizeBytes } = file.stat();
    file.write(Buffer.from(`${startMark}${count} ${at}\n`), sizeBytes);
  } finally {
    file.close();
  }
}

/** The last lines since the last start, oldest first; a log that was never written is empty. */
export function lastLines(host: Host, folder: string, count: number): readonly string[] {
  try {
    const lines = readTail(host.disk, logPath(folder), tailBytes).split('\n');
    const start = lines.findLastIndex((line) => line.startsWith(startMark));
    return lines
      .slice(start + 1)
      .filter((line) => line !== '')
      .slice(-count);
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return [];
    throw error;
  }
}

function openOrCreate(disk: Disk, path: string) {
  try {
    return disk.openWrite(path);
  } catch (error) {
    if (!isDiskError(error, 'ENOENT')) throw error;
    return disk.create(path, 0o600);
  }
}

const startMark = '--- backstep: start ';
const tailBytes = 64 * 1024;
