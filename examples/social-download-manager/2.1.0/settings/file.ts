import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../database/open.ts';

/** The file's text, or null when there is no such file. */
export function readTextFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Writes a value as JSON for the owner alone, whole or not at all: temporary file, fsync, rename.
 * A file that holds these bytes already is left untouched. A full disk or a crash leaves the old file.
 */
export function writeJsonFile(path: string, value: unknown): void {
  const content = `${JSON.stringify(value, null, 2)}\n`;
  if (readTextFile(path) === content) return;
  const temporary = `${path}.new`;
  try {
    writeDurably(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

function writeDurably(path: string, content: string): void {
  const bytes = Buffer.from(content);
  const file = openSync(path, 'w', 0o600);
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
