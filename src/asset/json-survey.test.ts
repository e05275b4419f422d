import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { put } from '../../test/contract/tree.ts';
import { nodeHost } from '../host/node.ts';
import type { Side } from './asset.ts';
import { surveyDocuments } from './json-survey.ts';

const host = nodeHost();

/** Files of one side, by name. */
function sideOf(t: TestContext, documents: Readonly<Record<string, unknown>>): Side {
  const folder = scratchFolder(t, host);
  host.disk.makeFolder(join(folder, 'auth'), 0o700);
  const files = Object.entries(documents).map(([name, document]): [string, string] => {
    const path = join(folder, name);
    put(host.disk, path, JSON.stringify(document));
    return [name, path];
  });
  return new Map(files);
}

async function proposed(
  t: TestContext,
  secret: readonly string[],
): Promise<{ place: string; kind: string }[]> {
  const before = { way: 'token', folder: '/home/kim/Downloads' };
  const after = { way: 'password', files: { folder: before.folder } };
  const asset = { name: 'people', files: ['config.json', 'auth/*.json'], secret: [...secret] };
  const { proposals = [] } = await surveyDocuments(host, asset, {
    before: sideOf(t, { 'config.json': before, 'auth/1.json': before, 'auth/2.json': before }),
    after: sideOf(t, { 'config.json': after, 'auth/1.json': after, 'auth/2.json': after }),
    reversal: null,
    scratch: '',
  });
  return proposals.filter(({ isProven }) => isProven).map(({ place, kind }) => ({ place, kind }));
}

test('documents of one pattern are compared together, and others by themselves', async (t) => {
  assert.deepEqual(await proposed(t, []), [
    { place: 'people/auth/*.json#folder', kind: 'moved' },
    { place: 'people/auth/*.json#way', kind: 'words' },
    { place: 'people/config.json#folder', kind: 'moved' },
  ]);
});

test('words of what is declared secret are not shown, not even as a proposal', async (t) => {
  for (const secret of ['auth/1.json', 'auth/2.json#way']) {
    assert.deepEqual(await proposed(t, [secret]), [
      { place: 'people/auth/*.json#folder', kind: 'moved' },
      { place: 'people/config.json#folder', kind: 'moved' },
    ]);
  }
  const found = await proposed(t, ['auth/2.json#other', 'way']);
  assert.ok(found.some(({ kind }) => kind === 'words'));
});
