import { DiskError, type DiskAct } from '../src/host/disk-error.ts';
import { toNative } from '../src/host/node-path.ts';
import type { Inode } from './inode.ts';

const longestName = 255;
const mostLinks = 40;

/** Where a path leads: a name in a folder, and what it stands for. */
export interface Place {
  readonly folder: Inode;
  readonly name: string;
  readonly inode: Inode | null;
  /** Of the folder: without links, `.` and `..`. */
  readonly folderPath: string;
}

interface Step {
  readonly inode: Inode;
  readonly name: string;
}

/** Follows links on the way, and not at its end. */
export function placeOf(root: Inode, path: string, tried: DiskAct): Place {
  const walk = new Walk(root, tried);
  walk.go(path);
  return walk.place();
}

class Walk {
  readonly #root: Inode;
  readonly #tried: DiskAct;
  #above: Step[] = [];
  #links = 0;
  #last: { name: string; inode: Inode | null } | null = null;

  constructor(root: Inode, tried: DiskAct) {
    this.#root = root;
    this.#tried = tried;
  }

  go(path: string): void {
    if (path.startsWith('/')) {
      this.#above = [];
      this.#last = null;
    }
    for (const name of path.split('/')) if (name !== '' && name !== '.') this.#enter(name);
  }

  place(): Place {
    if (this.#last === null) {
      return { folder: this.#root, name: '', inode: this.#root, folderPath: '/' };
    }
    const folderPath = `/${this.#above.map(({ name }) => name).join('/')}`;
    return { folder: this.#here(), ...this.#last, folderPath };
  }

  /** One name further, from the folder that the last one stands for. */
  #enter(name: string): void {
    this.#requireName(name);
    this.#descend();
    if (name === '..') {
      this.#last = null;
      const left = this.#above.pop();
      const up = left === undefined ? undefined : this.#above.pop();
      if (up !== undefined) this.#last = up;
      return;
    }
    this.#last = { name, inode: this.#here().names.get(name) ?? null };
  }

  #here(): Inode {
    return this.#above.at(-1)?.inode ?? this.#root;
  }

  /** What was named last becomes the folder to look into. */
  #descend(): void {
    while (this.#last !== null) {
      const { name, inode } = this.#last;
      this.#last = null;
      if (inode === null) throw this.#fault('ENOENT');
      if (inode.kind === 'file') throw this.#fault('ENOTDIR');
      if (inode.kind === 'folder') {
        this.#above.push({ name, inode });
        return;
      }
      this.#links += 1;
      if (this.#links > mostLinks) throw this.#fault('ELOOP');
      this.go(inode.target);
    }
  }

  #requireName(name: string): void {
    const native = toNative(name);
    const length = typeof native === 'string' ? Buffer.byteLength(native) : native.length;
    if (length > longestName) throw this.#fault('ENAMETOOLONG');
  }

  #fault(errno: string): DiskError {
    return new DiskError(errno, this.#tried);
  }
}
