import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** How each file system is made in a file. */
const makers = {
  ext4: ['mkfs.ext4', '-q', '-F'],
  xfs: ['mkfs.xfs', '-q', '-f'],
  btrfs: ['mkfs.btrfs', '-q', '-f'],
} as const;
export type FileSystem = keyof typeof makers;
export const fileSystems: readonly FileSystem[] = ['ext4', 'xfs', 'btrfs'];

/** Sparse; a switch wants 500 MB free. */
const imageBytes = 1_500_000_000;

/** Copies that are read while the kernel writes are read again. */
const copyAttempts = 20;

/** A file system in a file, mounted through a loop device. Needs root. */
export class Image {
  /** Where it is mounted. */
  readonly mount: string;
  readonly #folder: string;
  readonly #backing: string;

  constructor(folder: string, fileSystem: FileSystem) {
    this.#folder = folder;
    this.mount = join(folder, 'mounted');
    this.#backing = join(folder, 'image');
    mkdirSync(this.mount, { recursive: true });
    writeFileSync(this.#backing, '');
    truncateSync(this.#backing, imageBytes);
    const [program, ...flags] = makers[fileSystem];
    must(program, ...flags, this.#backing);
  }

  attach(): void {
    must('mount', '-o', 'loop', this.#backing, this.mount);
  }

  detach(): void {
    this.#detachFrom(this.#backing);
  }

  /** A program with mounts of its own, made meanwhile, keeps the file system alive: its device is free when that is over. */
  #detachFrom(backing: string): void {
    must('umount', this.mount);
    const asleep = new Int32Array(new SharedArrayBuffer(4));
    for (let attempt = 0; devicesOf(backing) !== ''; attempt += 1) {
      assert.ok(attempt < 3_000, `${backing} is still in use`);
      Atomics.wait(asleep, 0, 0, 100);
    }
  }

  /** Keeps the whole image under a name, while it is not mounted. */
  keep(name: string): void {
    must('cp', '--sparse=always', this.#backing, join(this.#folder, name));
  }

  /** Mounts what was kept under a name. */
  bringBack(name: string): void {
    must('cp', '--sparse=always', join(this.#folder, name), this.#backing);
    this.attach();
  }

  /**
   * The power fails: what the file system had handed to its device is there, and nothing else. The backing file is
   * copied, twice alike so that nothing was written meanwhile, and the copy is mounted in the same place; what the old
   * mount still held back goes to a file that is thrown away.
   */
  cutPower(): void {
    const [cut, past] = [join(this.#folder, 'cut'), join(this.#folder, 'past')];
    for (let attempt = 1; ; attempt += 1) {
      must('cp', '--sparse=always', this.#backing, cut);
      if (spawnSync('cmp', ['-s', cut, this.#backing]).status === 0) break;
      assert.ok(attempt < copyAttempts, 'the image is written to without end');
    }
    renameSync(this.#backing, past);
    this.#detachFrom(past);
    rmSync(past);
    renameSync(cut, this.#backing);
    this.attach();
  }
}

/** Why no image of this kind can be mounted here; null where one can. */
export function whyNoImage(folder: string, fileSystem: FileSystem): string | null {
  const [program] = makers[fileSystem];
  if (process.getuid?.() !== 0) return 'mounting needs root';
  if (spawnSync(program, ['-V']).error !== undefined) return `${program} is not installed`;
  try {
    const image = new Image(folder, fileSystem);
    image.attach();
    image.detach();
    return null;
  } catch (error) {
    assert.ok(error instanceof assert.AssertionError);
    return `no loop device can be mounted here: ${error.message}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The loop devices of a file, a line each. */
function devicesOf(backing: string): string {
  return spawnSync('losetup', ['--associated', backing], { encoding: 'utf8' }).stdout.trim();
}

function must(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
