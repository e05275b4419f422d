/**
 * `backstep --version` of the built package against `node -e 0`, by turns, whole processes.
 *   node bench/start.ts [--runs 40]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from './built-package.ts';
import { load, median } from './rollback-scene.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '40' } } });

function milliseconds(...args: string[]): number {
  const started = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args);
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

function tell(name: string, all: readonly number[]): void {
  const fastest = Math.min(...all).toFixed(0);
  console.log(`  ${name.padEnd(20)} median ${median(all).toFixed(0)} ms, fastest ${fastest} ms`);
}

const folder = mkdtempSync(join(tmpdir(), 'backstep-bench-'));
try {
  const main = buildPackage(join(folder, 'package'));
  const [ours, bare]: [number[], number[]] = [[], []];
  console.log(`${load()} at the start, ${values.runs} runs of each`);
  for (let run = 0; run < Number(values.runs); run += 1) {
    bare.push(milliseconds('-e', '0'));
    ours.push(milliseconds(main, '--version'));
  }
  tell('node -e 0', bare);
  tell('backstep --version', ours);
  const fastest = Math.min(...ours) / Math.min(...bare);
  console.log(
    `  ratio ${(median(ours) / median(bare)).toFixed(2)} (medians), ${fastest.toFixed(2)} (fastest)`,
  );
  console.log(`${load()} at the end`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
