/**
 * Downtime of a rollback of 100 changed files, without the application's own stop and start, beside 10 MB and beside
 * 1 GB that did not change: half of it in 20 files, half in a database.
 *   node bench/downtime.ts [--runs 5]
 */
import { parseArgs } from 'node:util';
import { load, median, RollbackScene } from './rollback-scene.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const rowBytes = 260;

function downtimesBeside(sizeBytes: number): number[] {
  const scene = new RollbackScene({
    smallFiles: 200,
    largeFiles: 20,
    largeBytes: sizeBytes / 40,
    rows: Math.ceil(sizeBytes / 2 / rowBytes),
  });
  try {
    scene.backstep('upgrade', '--to', '2', '--yes');
    return Array.from({ length: Number(values.runs) }, () => {
      const { stdout } = scene.backstep('rollback', '--yes', '--json');
      scene.backstep('return', '--release-hold', '--yes');
      return downtimeOf(stdout);
    });
  } finally {
    scene.remove();
  }
}

function downtimeOf(stdout: string): number {
  const report: unknown = JSON.parse(stdout);
  const isReport = typeof report === 'object' && report !== null && 'downtimeMs' in report;
  if (isReport && typeof report.downtimeMs === 'number') return report.downtimeMs;
  throw new Error(`no downtime in ${stdout}`);
}

console.log(`${load()} at the start`);
for (const [name, sizeBytes] of [
  ['10 MB', 10e6],
  ['1 GB', 1e9],
] as const) {
  const all = downtimesBeside(sizeBytes);
  console.log(`  beside ${name.padEnd(6)} ${median(all)} ms   (${all.join(' ')})`);
}
console.log(`${load()} at the end`);
