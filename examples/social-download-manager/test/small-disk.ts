import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { DataFolder } from './running.ts';

/** A data folder on a file system of its own that is soon full; null when this user may not mount one. */
export function smallDisk(t: TestContext, mebibytes: number): DataFolder | null {
  const path = mkdtempSync(join(tmpdir(), 'sdm-disk-'));
  const options = ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path];
  if (spawnSync('mount', options).status !== 0) {
    rmSync(path, { recursive: true });
    return null;
  }
  const folder = new DataFolder(join(path, 'data'));
  t.after(async () => {
    await folder.close();
    assert.equal(spawnSync('umount', [path]).status, 0);
    rmSync(path, { recursive: true });
  });
  return folder;
}

/** Gives the small disk of a folder another size. */
export function resizeDisk(folder: DataFolder, mebibytes: number): void {
  const options = ['-o', `remount,size=${mebibytes}m`, dirname(folder.path)];
  assert.equal(spawnSync('mount', options).status, 0);
}

/** Takes every byte that is left, and returns what gives them back. */
export function fill(folder: DataFolder): () => void {
  const path = join(folder.path, '..', 'filler');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4_096);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    assert.equal(Object(error).code, 'ENOSPC');
  } finally {
    closeSync(file);
  }
  return () => rmSync(path);
}
