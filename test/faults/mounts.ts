import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
  if (said.status === 0) awaitUnheld(path);
}

/**
 * A program of another test that has got mounts of its own meanwhile has this one among them: the file system lives on until
 * it ends.
 */
function awaitUnheld(path: string): void {
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; isHeld(path); attempt += 1) {
    assert.ok(attempt < 3_000, `${path} is still mounted for another program`);
    Atomics.wait(asleep, 0, 0, 100);
  }
}

function isHeld(path: string): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  return pids.some((pid) => mountsOf(pid).includes(` ${path} `));
}

/** Empty of a process that has ended. */
function mountsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  } catch {
    return '';
  }
}
