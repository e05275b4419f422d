/**
 * Rollback of 100 changed files in a large state, whole process, against restic's restore of the same state.
 *   node bench/rollback.ts [--small] [--runs 3]
 * State: 10,000 small files, 20 × 20 MB, a database of 1,000,000 rows that is neither migrated nor written.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openReleases } from '../src/asset/releases.ts';
import { nodeHost } from '../src/host/node.ts';
import { Database } from '../src/sqlite/database.ts';

const { values } = parseArgs({
  options: { small: { type: 'boolean', default: false }, runs: { type: 'string', default: '3' } },
});
const size = values.small
  ? { files: 1000, large: 2, rows: 20_000 }
  : { files: 10_000, large: 20, rows: 1_000_000 };
const runs = Number(values.runs);
const folder = mkdtempSync(join(tmpdir(), 'backstep-bench-'));
const main = join(import.meta.dirname, '../src/main.ts');

const migration = `
  import { readFileSync, writeFileSync } from 'node:fs';
  const data = process.argv[2];
  for (let n = 0; n < 100; n += 1) writeFileSync(data + '/files/d' + (n % 100) + '/f' + n, 'rewritten ' + n);
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

function bytes(seed: string, count: number): Buffer {
  const blocks = [];
  for (let n = 0; n * 32 < count; n += 1)
    blocks.push(createHash('sha256').update(`${seed} ${n}`).digest());
  return Buffer.concat(blocks).subarray(0, count);
}

function makeState(): void {
  const data = join(folder, 'data');
  for (let d = 0; d < 100; d += 1) mkdirSync(join(data, 'files', `d${d}`), { recursive: true });
  for (let n = 0; n < size.files; n += 1) {
    writeFileSync(
      join(data, 'files', `d${n % 100}`, `f${n}`),
      bytes(`small ${n}`, 1000 + (n % 3000)),
    );
  }
  for (let n = 0; n < size.large; n += 1) {
    writeFileSync(join(data, 'files', `large${n}`), bytes(`large ${n}`, 20 << 20));
  }
  using db = Database.open(join(data, 'history.db'));
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE history(id INTEGER PRIMARY KEY, title TEXT, url TEXT, note TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${size.rows})
    INSERT INTO history SELECT i, 'title ' || i, 'https://example.com/watch?v=' || hex(i * 7919), hex(randomblob(80)) FROM n`);
}

function install(): void {
  writeFileSync(join(folder, 'backstep.yaml'), manifest);
  mkdirSync(join(folder, 'releases'));
  const shelf = openReleases(nodeHost(), {
    root: join(folder, 'releases'),
    layout: 'symlink',
    state: join(folder, 'state'),
  });
  for (const version of ['1', '2']) {
    mkdirSync(join(folder, `made${version}`));
    writeFileSync(join(folder, `made${version}`, 'migrate.mjs'), migration);
    shelf.add({ version, folder: join(folder, `made${version}`) });
  }
  symlinkSync('1', join(folder, 'releases/current'));
}

/** Seconds of one whole process. */
function timed(command: string, args: readonly string[]): number {
  const started = process.hrtime.bigint();
  const done = spawnSync(
    '/usr/bin/env',
    ['bash', '-c', 'ulimit -v unlimited; exec "$0" "$@"', command, ...args],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, RESTIC_PASSWORD: 'bench' },
    },
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
  return seconds;
}

function backstep(...args: string[]): number {
  return timed(process.execPath, [main, ...args]);
}

function median(measured: readonly number[]): number {
  return measured.toSorted((a, b) => a - b)[Math.floor(measured.length / 2)] ?? Number.NaN;
}

try {
  makeState();
  install();
  backstep('upgrade', '--to', '2', '--yes');
  execFileSync('restic', ['init', '-q', '-r', 'restic'], {
    cwd: folder,
    env: { ...process.env, RESTIC_PASSWORD: 'bench' },
  });
  timed('restic', ['backup', '-q', '-r', 'restic', 'data']);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    ours.push(backstep('rollback', '--yes', '--json'));
    theirs.push(
      timed('restic', ['restore', '-q', '-r', 'restic', 'latest', '--target', `restored${run}`]),
    );
    rmSync(join(folder, `restored${run}`), { recursive: true });
    backstep('return', '--release-hold', '--yes');
  }
  const shown = (seconds: number): string => `${seconds.toFixed(2)} s`;
  console.log(`rollback of 100 changed files (${runs} runs, medians)`);
  console.log(`  backstep rollback   ${shown(median(ours))}   ${ours.map(shown).join(' ')}`);
  console.log(`  restic restore      ${shown(median(theirs))}   ${theirs.map(shown).join(' ')}`);
  console.log(`  ratio               ${(median(ours) / median(theirs)).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
