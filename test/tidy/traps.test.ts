import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testNames } from '../../scripts/manual/faults.ts';
import { lawFlaws } from '../flaws/law-flaws.ts';
import { repository } from './tree.ts';

interface Shown {
  readonly name: string;
  readonly file: string;
}

/** The tests that each row of the tables names: `[name](../file) · …`. */
function rowsOf(page: string): Shown[][] {
  const lines = page.split('\n');
  const isRule = (line: string | undefined): boolean => line?.startsWith('| --') === true;
  const rows = lines.filter(
    (line, n) => line.startsWith('| ') && !isRule(line) && !isRule(lines[n + 1]),
  );
  return rows.map((row) =>
    [...row.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)].map(([, name = '', file = '']) => ({
      name,
      file,
    })),
  );
}

/** A name stands in its file as that of a test, or of one case of a table of tests. */
function missing({ name, file }: Shown): boolean {
  const path = join(repository, file);
  if (!existsSync(path)) return true;
  const source = readFileSync(path, 'utf8');
  return !testNames(source).includes(name) && !source.includes(`'${name}',\n`);
}

test('every trap has its test, and none of them is made up', () => {
  const rows = rowsOf(readFileSync(join(repository, 'docs/traps.md'), 'utf8'));
  assert.ok(rows.length > 90);
  assert.deepEqual(
    rows.filter((tests) => tests.length === 0),
    [],
  );
  assert.deepEqual(rows.flat().filter(missing), []);
});

test('a trap whose test does not exist would be found', () => {
  const page =
    '| trap | shown by |\n| --- | --- |\n| x | [never written](../src/law/rows/traps.test.ts) |\n';
  assert.deepEqual(rowsOf(page).flat().filter(missing), [
    { name: 'never written', file: 'src/law/rows/traps.test.ts' },
  ]);
});

test('every law stands there with the flaw that is put in, and the test that notices', () => {
  const page = readFileSync(join(repository, 'docs/traps.md'), 'utf8').replaceAll(/ +/g, ' ');
  const rows = lawFlaws.map(
    (each) => `| ${each.law} | ${each.flaw} | [${each.test.name}](../${each.test.file}) |`,
  );
  assert.deepEqual(
    rows.filter((row) => !page.includes(row)),
    [],
  );
});

test('each flaw has one place in the program, and alters it', () => {
  for (const { file, from, to } of lawFlaws) {
    assert.equal(readFileSync(join(repository, file), 'utf8').split(from).length, 2, from);
    assert.notEqual(from, to);
  }
});
