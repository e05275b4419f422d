import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Why nothing can be mounted here; null where something can. */
export function whyNoMount(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting needs root';
  const folder = mkdtempSync(join(tmpdir(), 'backstep-mounted-'));
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'backstep', folder]).status !== 0)
      return 'mounting needs root';
    unmount(folder);
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs mount(8), which must succeed. */
export function mount(...argv: readonly string[]): void {
  const said = spawnSync('mount', [...argv], { encoding: 'utf8' });
  assert.equal(said.status, 0, `mount ${argv.join(' ')}\n${said.stderr}`);
}

/** A file system in memory, at a folder that is made for it. */
export function mountMemory(folder: string, size: string): void {
  mkdirSync(folder, { recursive: true });
  mount('-t', 'tmpfs', '-o', `size=${size}`, 'backstep', folder);
}

/** Whatever is mounted there last, if anything is. */
export function unmount(path: string): void {
  const said = spawnSync('umount', [path], { encoding: 'utf8' });
  assert.ok(said.status === 0 || /not mounted|no mount point/.test(said.stderr), said.stderr);
}
