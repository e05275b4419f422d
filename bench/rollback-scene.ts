import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buildPackage } from './built-package.ts';

const migration = `
  import { writeFileSync } from 'node:fs';
  const data = process.argv[2];
  for (let n = 0; n < 100; n += 1) writeFileSync(data + '/files/d' + n + '/f' + n, 'rewritten ' + n);
`;
const manifest = `
app: bench
state: state
paths: { data: data }
releases: { root: releases, layout: symlink }
service: { manager: none }
migrate: { run: '{node} {release}/migrate.mjs {data}' }
assets:
  files: { kind: files, root: '{data}/files' }
  history: { kind: sqlite, path: '{data}/history.db' }
`;
/** Tells the highest resident memory of a process when it ends. */
const memoryProbe = `import { readFileSync, writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.MEMORY_FILE, readFileSync('/proc/self/status')));
`;

export interface StateSize {
  readonly smallFiles: number;
  readonly largeFiles: number;
  readonly largeBytes: number;
  readonly rows: number;
}

/** One process from its start to its end. */
export interface Measured {
  readonly seconds: number;
  /** Highest resident memory; 0 where it was not looked at. */
  readonly peakBytes: number;
  readonly stdout: string;
}

/** A state of two releases, whose migration rewrites 100 small files, and the built package to switch it. */
export class RollbackScene {
  readonly folder = mkdtempSync(join(tmpdir(), 'backstep-bench-'));
  readonly #main: string;

  constructor(size: StateSize) {
    this.#main = buildPackage(this.path('package'));
    writeFileSync(this.path('memory.mjs'), memoryProbe);
    this.#makeState(size);
    this.#install();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Changes one row in a hundred, another hundredth each time. */
  changeRows(turn: number): void {
    using db = new DatabaseSync(this.path('data/history.db'));
    db.exec(`UPDATE history SET note = hex(randomblob(80)) WHERE id % 100 = ${turn % 100}`);
  }

  backstep(...args: string[]): Measured {
    const file = this.path('memory.txt');
    const probe = ['--import', this.path('memory.mjs')];
    const { seconds, stdout } = this.run(process.execPath, [...probe, this.#main, ...args], {
      MEMORY_FILE: file,
    });
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(file, 'utf8')) ?? [];
    return { seconds, stdout, peakBytes: Number(kilobytes) * 1024 };
  }

  run(command: string, args: readonly string[], env: Record<string, string> = {}): Measured {
    const started = process.hrtime.bigint();
    const done = spawnSync(command, args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
    return { seconds, stdout: done.stdout, peakBytes: 0 };
  }

  #makeState({ smallFiles, largeFiles, largeBytes, rows }: StateSize): void {
    for (let n = 0; n < smallFiles; n += 1) {
      this.#write(`data/files/d${n % 100}/f${n}`, noise(`small ${n}`, 1000 + (n % 3000)));
    }
    for (let n = 0; n < largeFiles; n += 1) {
      this.#write(`data/files/large${n}`, noise(`large ${n}`, largeBytes));
    }
    using db = new DatabaseSync(this.path('data/history.db'));
    db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE history(id INTEGER PRIMARY KEY, title TEXT, url TEXT, note TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO history SELECT i, 'title ' || i, 'https://example.com/watch?v=' || hex(i * 7919), hex(randomblob(80)) FROM n`);
  }

  #install(): void {
    writeFileSync(this.path('backstep.yaml'), manifest);
    mkdirSync(this.path('releases'));
    for (const version of ['1', '2']) {
      this.#write(`made${version}/migrate.mjs`, migration);
      this.backstep('release', 'add', version, this.path(`made${version}`));
    }
  }

  #write(name: string, bytes: string | Uint8Array): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), bytes);
  }
}

/** Bytes that no compression makes smaller, the same for the same seed. */
function noise(seed: string, count: number): Buffer {
  const key = createHash('md5').update(seed).digest();
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(count));
}

export function median(measured: readonly number[]): number {
  return measured.toSorted((a, b) => a - b)[Math.floor(measured.length / 2)] ?? Number.NaN;
}

export function load(): string {
  return `load average ${loadavg()[0]?.toFixed(1)}`;
}
