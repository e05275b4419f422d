/**
 * Tries the law on random states, seed after seed: `node scripts/laws.ts [--seeds 20] [--from 1] [--only stories]`. Each seed runs every
 * property of rows, compiled scripts, split tables, documents, trees and whole stories; then each seeded flaw is put in,
 * once, and a law must catch it. `--only` tries those alone that are called so. `--write` puts the counts into docs/reliability.md. A failure prints its seed, which
 * `BACKSTEP_SEED=N node --test FILE` repeats. The last line tells seeds, cases and failures; exit code 7 where one failed.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { tableOf, writeTable } from './reliability-figures.ts';

const repository = join(import.meta.dirname, '..');

/** What is tried, and the tests that hold its properties. */
const laws = [
  { what: 'rows', files: 'src/law/rows/laws.test.ts' },
  { what: 'rows of split tables, ten times back and forth', files: 'src/law/rows/lens/*.test.ts' },
  { what: 'rows by the compiled script', files: 'src/law/compiled/laws.test.ts' },
  { what: 'rows that differ, by pages', files: 'src/sqlite/pages/*.test.ts' },
  { what: 'documents', files: 'src/law/json/*.test.ts' },
  { what: 'trees of files', files: 'src/law/files/*.test.ts' },
  { what: 'whole stories, some of them killed', files: 'test/story/stories.test.ts' },
] as const;
const flaws = ['src/law/rows/flaws.test.ts', 'test/flaws/*.test.ts'];

interface Tried {
  cases: number;
  passed: number;
  readonly failed: string[];
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
const chosen = laws.filter(({ what }) => what.includes(values.only));
const isWrong = !Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from);
if (isWrong || chosen.length === 0 || (values.write && values.only !== '')) {
  process.stderr.write('usage: laws [--seeds N] [--from N] [--write | --only NAME]\n');
  process.exit(2);
}
await tryLaws();

async function tryLaws(): Promise<void> {
  const counts = new Map<string, number>(chosen.map(({ what }) => [what, 0]));
  const failed: string[] = [];
  for (let seed = from; seed < from + seeds; seed += 1) {
    for (const { what, files } of chosen) {
      const tried = await runWith(seed, files);
      counts.set(what, (counts.get(what) ?? 0) + tried.cases);
      failed.push(...tried.failed);
    }
    tell(`seed ${seed}: ${[...counts.values()].join(' · ')} cases so far`);
  }
  const seeded = values.only === '' ? await runWith(null, flaws) : null;
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  failed.push(...(seeded?.failed ?? []));
  const table = tableOf([
    ...[...counts].map(([what, count]) => [what, String(count)] as const),
    ...(seeded === null ? [] : [caughtOf(seeded)]),
    ['seeds', `${from} to ${from + seeds - 1}`],
    ['**failures**', `**${failed.length}**`],
  ]);
  tell(table);
  if (values.write) writeTable('laws: node scripts/laws.ts --write', table);
  tell(`seeds ${seeds} · cases ${all} · failures ${failed.length}`);
  process.exitCode = failed.length === 0 ? 0 : 7;
}

function caughtOf({ passed, failed }: Tried): readonly [string, string] {
  return ['seeded flaws, caught', `${passed} of ${passed + failed.length}`];
}

/** Runs test files, one after the other, with a seed or with their own. */
async function runWith(seed: number | null, patterns: string | readonly string[]): Promise<Tried> {
  process.env['BACKSTEP_TELL_CASES'] = '1';
  process.env['BACKSTEP_ALL_FLAWS'] = '1';
  if (seed === null) delete process.env['BACKSTEP_SEED'];
  else process.env['BACKSTEP_SEED'] = String(seed);
  const tried: Tried = { cases: 0, passed: 0, failed: [] };
  const files = globSync([patterns].flat(), { cwd: repository });
  const stream = run({ files: files.map((file) => join(repository, file)), concurrency: 1 });
  stream.on('test:stdout', ({ message }) => {
    for (const [, count] of message.matchAll(/^cases: (\d+)$/gm)) tried.cases += Number(count);
  });
  stream.on('test:pass', ({ details }) => {
    if (details.type !== 'suite') tried.passed += 1;
  });
  stream.on('test:fail', ({ name, details, file }) => {
    if (details.type === 'suite') return;
    tried.failed.push(name);
    tell(
      `FAILED with seed ${seed ?? 'of its own'}: ${file ?? ''}: ${name}\n${details.error.message}`,
    );
  });
  stream.resume();
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve);
    stream.once('error', reject);
  });
  return tried;
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
