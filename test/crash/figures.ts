import { globSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';

const repository = join(import.meta.dirname, '../..');

/** The tests whose trials are counted. */
const crashTests = ['test/crash/*.test.ts', 'test/faults/*.test.ts'];

/** The tests that hand in what is wrong: each counts once, and each altered record by itself. */
const badInputTests = [
  'test/fuzz/*.test.ts',
  'test/security/*.test.ts',
  'test/scenario/bad-input.test.ts',
  'test/scenario/*-mistakes.test.ts',
  'src/manifest/refusals.test.ts',
];

/** What a run of the tests has really tried, counted while it runs. */
export interface Figures {
  /** Label → how many: `kill points`, `image crashes`, and what else a test says of itself. */
  readonly tried: ReadonlyMap<string, number>;
  readonly statesAndFaults: number;
  readonly faultTests: number;
  readonly badInputs: number;
  readonly alteredRecords: number;
  readonly skipped: readonly string[];
  /** A test that fails has lost something, or has found something else that is wrong. */
  readonly failed: readonly string[];
}

/** Runs the tests, one file after the other, and tells each that fails at once. */
export async function figuresOfTests(tell: (line: string) => void): Promise<Figures> {
  const crashed = await runFiles(crashTests, tell);
  const wrong = await runFiles(badInputTests, tell);
  const ofPhases = crashed.passed.filter((name) => /^[A-Z]\w+_in_[a-z]+/.test(name));
  return {
    tried: crashed.tried,
    statesAndFaults: ofPhases.length,
    faultTests: crashed.faultTests,
    badInputs: wrong.passed.length,
    alteredRecords: wrong.altered,
    skipped: [...crashed.skipped, ...wrong.skipped],
    failed: [...crashed.failed, ...wrong.failed],
  };
}

class Counting {
  readonly tried = new Map<string, number>();
  readonly passed: string[] = [];
  readonly skipped: string[] = [];
  readonly failed: string[] = [];
  faultTests = 0;
  altered = 0;

  /** What a test tells of itself: `tried: 38 kill points`, `seed 1: 20 taken, 4 refused`. */
  told(message: string): void {
    const tried = /^tried: (?<count>\d+) (?<label>.+)$/.exec(message)?.groups;
    if (tried !== undefined) {
      const { count = '0', label = '' } = tried;
      this.tried.set(label, (this.tried.get(label) ?? 0) + Number(count));
    }
    const altered = /: (?<taken>\d+) taken, (?<refused>\d+) refused$/.exec(message)?.groups;
    this.altered += Number(altered?.['taken'] ?? 0) + Number(altered?.['refused'] ?? 0);
  }
}

async function runFiles(
  patterns: readonly string[],
  tell: (line: string) => void,
): Promise<Counting> {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: repository })).toSorted();
  const counting = new Counting();
  const stream = run({ files: files.map((file) => join(repository, file)), concurrency: 1 });
  stream.on('test:diagnostic', ({ message }) => counting.told(message));
  stream.on('test:pass', ({ name, skip, details, file }) => {
    if (details.type === 'suite') return;
    if (skip !== undefined && skip !== false) {
      counting.skipped.push(`${name}: ${String(skip)}`);
      return;
    }
    counting.passed.push(name);
    if (file?.includes('/test/faults/') === true) counting.faultTests += 1;
  });
  stream.on('test:fail', ({ name, file, details }) => {
    if (details.type === 'suite') return;
    counting.failed.push(name);
    tell(`FAILED: ${file ?? ''}: ${name}`);
  });
  stream.resume();
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve);
    stream.once('error', reject);
  });
  return counting;
}
