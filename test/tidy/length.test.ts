import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesOf, repository } from './tree.ts';

const lineLimit = 400;
const folders = ['src', 'test', 'scripts', 'bench', 'examples', 'sim', 'console'];
const code = /\.(ts|js|mjs|svelte|css)$/;

function tooLong(root: string): string[] {
  return filesOf(root, folders, code)
    .map(({ path, text }) => ({ path, lineCount: text.split('\n').length - 1 }))
    .filter(({ lineCount }) => lineCount > lineLimit)
    .map(({ path, lineCount }) => `${path}: ${lineCount} lines, which want to be two ideas`);
}

test('no file of code has more than 400 lines', () => {
  assert.deepEqual(tooLong(repository), []);
});

test('a file of 401 lines is found, one of 400 is not', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'length-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'src/room'), { recursive: true });
  writeFileSync(join(root, 'src/room/right.ts'), 'x;\n'.repeat(lineLimit));
  assert.deepEqual(tooLong(root), []);
  writeFileSync(join(root, 'src/room/long.ts'), 'x;\n'.repeat(lineLimit + 1));
  assert.deepEqual(tooLong(root), ['src/room/long.ts: 401 lines, which want to be two ideas']);
});
