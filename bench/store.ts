/**
 * Snapshots of one tree by the store and by `restic backup`, in one run on one disk, with the page cache warm.
 *
 *   node bench/store.ts [--files 10000] [--large 20] [--large-mb 20] [--in FOLDER]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeHost } from '../src/host/node.ts';
import { openStore, type Store } from '../src/store/store.ts';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    large: { type: 'string', default: '20' },
    'large-mb': { type: 'string', default: '20' },
    in: { type: 'string', default: tmpdir() },
  },
});
const megabyte = 1_048_576;
const folder = fs.mkdtempSync(join(values.in, 'backstep-bench-'));
const tree = join(folder, 'tree');
const shape = {
  smallCount: Number(values.files),
  largeCount: Number(values.large),
  largeBytes: Number(values['large-mb']) * megabyte,
};

try {
  makeTree();
  print(await measure());
} finally {
  fs.rmSync(folder, { recursive: true });
}

interface Row {
  readonly act: string;
  readonly storeMs: number;
  readonly resticMs: number;
}

async function measure(): Promise<readonly Row[]> {
  const store = openStore(nodeHost(), join(folder, 'store'));
  const restic = resticIn(join(folder, 'restic'));
  const rows: Row[] = [];
  const both = async (act: string, ours: () => unknown, theirs: () => unknown): Promise<void> => {
    execFileSync('sync', ['-f', folder]);
    const storeMs = await time(ours);
    execFileSync('sync', ['-f', folder]);
    rows.push({ act, storeMs, resticMs: await time(theirs) });
  };
  const backup = (): void => restic('backup', '--quiet', tree);
  await both('full', () => snapshot(store), backup);
  await both('unchanged', () => snapshot(store), backup);
  changeFiles(100);
  await both('100 files changed', () => snapshot(store), backup);
  await both(
    'check',
    () => store.check('all'),
    () => restic('check', '--quiet', '--read-data'),
  );
  const last = store.list().at(-1);
  if (last === undefined) throw new TypeError('no snapshot was taken');
  await both(
    'restore',
    () => store.restore(last.id, join(folder, 'restored')),
    () => restic('restore', '--quiet', 'latest', '--target', join(folder, 'restic-restored')),
  );
  return rows;
}

async function snapshot(store: Store): Promise<void> {
  const writer = await store.beginSnapshot({ label: 'bench' });
  writer.addTree(tree, { as: 'tree' });
  writer.commit();
}

function resticIn(repository: string): (...args: string[]) => void {
  const env = { ...process.env, RESTIC_PASSWORD: 'bench', RESTIC_REPOSITORY: repository };
  const cache = ['--cache-dir', `${repository}-cache`];
  const restic = (...args: string[]): void => {
    execFileSync('restic', [...cache, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  };
  restic('init', '--quiet');
  return restic;
}

async function time(act: () => unknown): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

function makeTree(): void {
  const perFolder = 100;
  for (let at = 0; at < shape.smallCount; at += 1) {
    const parent = join(tree, String(Math.floor(at / perFolder)));
    if (at % perFolder === 0) fs.mkdirSync(parent, { recursive: true });
    fs.writeFileSync(join(parent, `${at}.json`), randomBytes(1024 + (at % 4096)));
  }
  for (let at = 0; at < shape.largeCount; at += 1) {
    const path = join(tree, `large-${at}.bin`);
    for (let left = shape.largeBytes; left > 0; left -= megabyte) {
      fs.appendFileSync(path, randomBytes(Math.min(left, megabyte)));
    }
  }
}

function changeFiles(count: number): void {
  for (let at = 0; at < Math.min(count, shape.smallCount); at += 1) {
    fs.appendFileSync(join(tree, String(Math.floor(at / 100)), `${at}.json`), 'changed');
  }
}

function print(rows: readonly Row[]): void {
  const version = spawnSync('restic', ['version']).stdout.toString().split(' ')[1] ?? '';
  const megabytes = (shape.largeCount * shape.largeBytes) / megabyte;
  console.log(
    `${shape.smallCount} small files and ${megabytes} MB in ${shape.largeCount} large ones`,
  );
  console.log(`\n| act | store | restic ${version} | ratio |\n|---|---|---|---|`);
  for (const { act, storeMs, resticMs } of rows) {
    const cells = [act, seconds(storeMs), seconds(resticMs), (storeMs / resticMs).toFixed(2)];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`\npeak memory of this process: ${peakMegabytes} MB`);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
