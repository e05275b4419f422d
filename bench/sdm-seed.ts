/**
 * How long Social Download Manager's seed takes to fill 1.2.1, and 2.0.0 to migrate it: whole processes, medians.
 *
 *   node bench/sdm-seed.ts [--rows 1000000] [--runs 3] [--in FOLDER]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    in: { type: 'string', default: tmpdir() },
  },
});
const application = join(import.meta.dirname, '..', 'examples', 'social-download-manager');
const seed = join(application, 'seed.ts');
const release = join(application, '2.0.0', 'server.ts');

interface Act {
  readonly act: string;
  readonly limitSeconds: number;
  readonly seconds: number[];
}

const seeding: Act = { act: `seed ${values.rows} rows`, limitSeconds: 8, seconds: [] };
const migrating: Act = { act: '2.0.0 migrate', limitSeconds: 5, seconds: [] };
let databaseBytes = 0;
for (let run = 0; run < Number(values.runs); run += 1) measure();
print(existsSync(release) ? [seeding, migrating] : [seeding]);

function measure(): void {
  const folder = mkdtempSync(join(values.in, 'sdm-seed-'));
  try {
    seeding.seconds.push(timed(seed, '--data', folder, '--rows', values.rows));
    databaseBytes = statSync(join(folder, 'sdm.db')).size;
    // What the seed left to be written would otherwise be counted as the migration's.
    execFileSync('sync', ['-f', folder]);
    if (existsSync(release)) migrating.seconds.push(timed(release, 'migrate', '--data', folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function timed(script: string, ...more: readonly string[]): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [script, ...more]);
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr.toString()}`);
  return (performance.now() - begun) / 1000;
}

function print(acts: readonly Act[]): void {
  const megabytes = (databaseBytes / 1e6).toFixed(0);
  console.log(`${values.rows} rows, a database of ${megabytes} MB, ${values.runs} runs`);
  console.log('act'.padEnd(24), 'median'.padStart(8), 'limit'.padStart(8), '  runs');
  for (const { act, limitSeconds, seconds } of acts) {
    const [median, limit] = [shown(medianOf(seconds)), shown(limitSeconds)];
    const runs = seconds.map(shown).join('  ');
    console.log(act.padEnd(24), median.padStart(8), limit.padStart(8), ' ', runs);
  }
}

function medianOf(seconds: readonly number[]): number {
  return seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? Number.NaN;
}

function shown(seconds: number): string {
  return `${seconds.toFixed(2)} s`;
}
