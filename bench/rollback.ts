/**
 * Rollback of 100 changed files in a large state, whole process, against restic's restore of the same state; then the
 * same after one row in a hundred was changed.
 *   node bench/rollback.ts [--small] [--runs 3]
 * State: 10,000 small files, 20 × 20 MB, a database of 1,000,000 rows that is not migrated.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { load, median, RollbackScene, type Measured } from './rollback-scene.ts';

const { values } = parseArgs({
  options: { small: { type: 'boolean', default: false }, runs: { type: 'string', default: '3' } },
});
const scene = new RollbackScene({
  smallFiles: values.small ? 1000 : 10_000,
  largeFiles: values.small ? 2 : 20,
  largeBytes: 20 << 20,
  rows: values.small ? 20_000 : 1_000_000,
});

function restic(...args: string[]): Measured {
  return scene.run('restic', args, {
    RESTIC_PASSWORD: 'bench',
    RESTIC_REPOSITORY: scene.path('restic'),
  });
}

/** Medians of some runs of one kind. */
class Series {
  readonly runs: Measured[] = [];

  median(): number {
    return median(this.runs.map(({ seconds }) => seconds));
  }

  tell(name: string): string {
    const all = this.runs.map(({ seconds }) => seconds.toFixed(2)).join(' ');
    const peak = Math.max(...this.runs.map(({ peakBytes }) => peakBytes));
    const memory = peak === 0 ? '' : `   peak memory ${(peak / 1e6).toFixed(0)} MB`;
    return `  ${name.padEnd(36)} ${this.median().toFixed(2)} s   (${all})${memory}`;
  }
}

try {
  console.log(`${load()} at the start`);
  scene.backstep('upgrade', '--to', '2', '--yes');
  restic('init', '-q');
  restic('backup', '-q', 'data');
  const [unchanged, written, theirs] = [new Series(), new Series(), new Series()];
  for (let run = 0; run < Number(values.runs); run += 1) {
    unchanged.runs.push(scene.backstep('rollback', '--yes', '--json'));
    scene.backstep('return', '--release-hold', '--yes');
    scene.changeRows(run);
    written.runs.push(scene.backstep('rollback', '--yes', '--json'));
    scene.backstep('return', '--release-hold', '--yes');
    theirs.runs.push(restic('restore', '-q', 'latest', '--target', `restored${run}`));
    rmSync(scene.path(`restored${run}`), { recursive: true });
  }
  console.log(`rollback of 100 changed files (${values.runs} runs, medians)`);
  console.log(unchanged.tell('backstep rollback'));
  console.log(written.tell('backstep rollback, 1 % of rows new'));
  console.log(theirs.tell('restic restore'));
  for (const series of [unchanged, written]) {
    console.log(`  ratio ${(series.median() / theirs.median()).toFixed(2)}`);
  }
  console.log(`${load()} at the end`);
} finally {
  scene.remove();
}
