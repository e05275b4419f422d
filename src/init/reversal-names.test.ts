import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { nodeHost } from '../host/node.ts';
import { bestName, reversalNames } from './reversal-names.ts';

test('names come from every reversal file that can be read', (t) => {
  const host = nodeHost();
  const folder = scratchFolder(t, host);
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write('2-to-1.yaml', 'sqlite: { history: { downloads: {} } }\njson: { settings/a/b.json: {} }');
  write(
    '3-to-2.yml',
    'sqlite: { history: { files: {} }, release: { x: {} }, "No name": { y: {} } }',
  );
  write('broken.yaml', 'sqlite: [');
  write('other.yaml', 'sqlite: 12');
  write('notes.txt', 'sqlite: { notes: { z: {} } }');
  const { tables, documents } = reversalNames(host.disk, folder);
  assert.deepEqual([...tables], [['history', new Set(['downloads', 'files'])]]);
  assert.deepEqual([...documents], [['settings', new Set(['a/b.json'])]]);
  assert.deepEqual(reversalNames(host.disk, join(folder, 'nothing')).tables, new Map());
});

test('a name is taken where one has the most, and not where two have as much', () => {
  const names = new Map([
    ['ledger', new Set(['a', 'b'])],
    ['archive', new Set(['b', 'c'])],
  ]);
  const found = (...parts: string[]): string | null =>
    bestName(names, (part) => parts.includes(part));
  assert.equal(found('a', 'b'), 'ledger');
  assert.equal(found('c'), 'archive');
  assert.equal(found('b'), null);
  assert.equal(found(), null);
});
