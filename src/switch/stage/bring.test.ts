import assert from 'node:assert/strict';
import { lstatSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../../../test/contract/scratch.ts';
import { nodeHost } from '../../host/node.ts';
import { openBringing } from './bring.ts';

const host = nodeHost();
const { disk } = host;

test('files of the run itself get a second name, others are copied with mode and time', (t) => {
  const folder = scratchFolder(t, host);
  const at = (name: string): string => join(folder, name);
  for (const name of ['own', 'foreign']) {
    writeFileSync(at(name), name, { mode: 0o640 });
    utimesSync(at(name), 1_000_000.5, 1_000_000.5);
  }
  const bringing = openBringing(disk, (path) => path === at('own'));
  bringing.bring(at('own'), at('staged/own'));
  bringing.bring(at('foreign'), at('staged/foreign'));
  bringing.finish();
  for (const name of ['own', 'foreign']) {
    const [was, is] = [lstatSync(at(name)), lstatSync(at(`staged/${name}`))];
    assert.equal(readFileSync(at(`staged/${name}`), 'utf8'), name);
    assert.deepEqual([is.mode, is.mtimeMs], [was.mode, was.mtimeMs]);
    assert.equal(is.ino === was.ino, name === 'own', name);
  }
});

test('one file that is wanted under two names becomes two files', (t) => {
  const folder = scratchFolder(t, host);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('own'), 'one');
  const bringing = openBringing(disk, () => true);
  bringing.bring(at('own'), at('staged/a'));
  bringing.bring(at('own'), at('staged/b'));
  bringing.finish();
  writeFileSync(at('staged/a'), 'two');
  assert.equal(readFileSync(at('staged/b'), 'utf8'), 'one');
});

test('a link is brought as a link, over what was brought before', (t) => {
  const folder = scratchFolder(t, host);
  const [link, to] = [join(folder, 'link'), join(folder, 'staged/link')];
  symlinkSync('nowhere', link);
  for (const _again of [1, 2]) {
    const bringing = openBringing(disk, () => true);
    bringing.bring(link, to);
    bringing.finish();
  }
  assert.equal(disk.readLink(to), 'nowhere');
});
