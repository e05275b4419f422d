import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures } from '../test/crash/figures.ts';
import type { Soaked } from '../test/crash/random-trials.ts';
import type { Counts } from '../test/sim/judge.ts';

const page = join(import.meta.dirname, '../docs/reliability.md');
const closing = '<!-- end of figures -->';

export interface Measured {
  readonly tests: Figures;
  readonly simulated: Counts;
  readonly soaked: Soaked;
  readonly seed: number;
  readonly losses: number;
}

/** The table as the page has it. */
export function figureTable({ tests, simulated, soaked, seed, losses }: Measured): string {
  const tried = (label: string): number => tests.tried.get(label) ?? 0;
  const rows: readonly (readonly [string, string])[] = [
    ['states × faults, each with its exact journal', String(tests.statesAndFaults)],
    ['kill points, chosen', String(tried('kill points'))],
    ['kills, at random', `${soaked.kills} (seed ${seed})`],
    ['… of them on Social Download Manager', String(soaked.sdmKills)],
    ['… of them within system calls of SQLite', String(soaked.callKills ?? 'not tried')],
    ['crashes of the simulated disk', `${simulated.disks} at ${simulated.points} points`],
    ['crashes of ext4, xfs and btrfs in an image', String(tried('image crashes'))],
    ['other faults, a test each', String(tests.faultTests)],
    ['bad inputs', `${tests.badInputs} tests, ${tests.alteredRecords} altered records`],
    ['not tried where it was measured', String(tests.skipped.length)],
    ['**losses**', `**${losses}**`],
  ];
  return tableOf(rows);
}

/** Rows of what was tried and how often, as a table of a page. */
export function tableOf(rows: readonly (readonly [what: string, tried: string])[]): string {
  const [left, right] = [
    widthOf(rows.map(([what]) => what)),
    widthOf(rows.map(([, count]) => count)),
  ];
  const lines = [['what', 'tried'], ...rows].map(
    ([what = '', count = '']) => `| ${what.padEnd(left)} | ${count.padEnd(right)} |`,
  );
  const rule = `| ${'-'.repeat(left)} | ${'-'.repeat(right)} |`;
  return lines.toSpliced(1, 0, rule).join('\n');
}

function widthOf(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}

/** Puts the table between its two marks. Throws where the page has none. */
export function writeFigures(table: string): void {
  writeTable('figures: npm run soak -- --write', table);
}

/** Puts a table of docs/reliability.md after its mark `<!-- COMMAND -->`. Throws where the page has none. */
export function writeTable(mark: string, table: string): void {
  const text = readFileSync(page, 'utf8');
  const opening = `<!-- ${mark} -->`;
  const start = text.indexOf(opening);
  const end = text.indexOf(closing, start);
  if (start < 0 || end < start) throw new Error(`${page} has no place for ${mark}`);
  const before = text.slice(0, start + opening.length);
  writeFileSync(page, `${before}\n\n${table}\n\n${text.slice(end)}`);
}
