import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testNames } from '../../scripts/manual/faults.ts';
import { repository } from './tree.ts';

interface Shown {
  readonly name: string;
  readonly file: string;
}

/** The tests that each row of the table names: `[name](../file) · …`. */
function rowsOf(page: string): Shown[][] {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  return rows.map((row) =>
    [...row.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)].map(([, name = '', file = '']) => ({
      name,
      file,
    })),
  );
}

function missing({ name, file }: Shown): boolean {
  const path = join(repository, file);
  return !existsSync(path) || !testNames(readFileSync(path, 'utf8')).includes(name);
}

test('every trap has its test, and none of them is made up', () => {
  const rows = rowsOf(readFileSync(join(repository, 'docs/traps.md'), 'utf8'));
  assert.ok(rows.length > 30);
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
