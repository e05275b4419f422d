import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finding, inOrder, rules } from './finding.ts';

test('docs/formats/reversal.md lists every rule as the table has it', () => {
  const file = join(import.meta.dirname, '../../../docs/formats/reversal.md');
  const text = readFileSync(file, 'utf8').replaceAll(/\n {2}/g, ' ');
  const listed = [...text.matchAll(/^- `([\w-]+)` \((error|warning|note)\): (.+)\.$/gm)];
  assert.deepEqual(
    listed.map(([, rule, severity, said]) => [rule, severity, said]),
    Object.entries(rules).map(([rule, entry]) => [rule, entry.severity, entry.text]),
  );
});

test('findings stand in the order of the file, each once', () => {
  const at = (line: number, column: number) =>
    finding('drop', { line, column, path: '', message: 'm', hint: 'h' });
  assert.deepEqual(
    inOrder([at(2, 1), at(1, 9), at(1, 2), at(2, 1)]).map(({ line, column }) => [line, column]),
    [
      [1, 2],
      [1, 9],
      [2, 1],
    ],
  );
});
