import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BackstepError } from '../fault/backstep-error.ts';
import type { ErrorCode } from '../fault/codes.ts';
import { nodeDisk } from '../host/node-disk.ts';
import { findManifest, loadManifest } from './load.ts';
import type { System } from './system.ts';

const linux: System = { platform: 'linux', home: '/home/owner', env: {} };
const right = 'app: a\nstate: /state\nassets: { db: { kind: sqlite, path: a.db } }\n';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'manifest-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function refusal(act: () => unknown, code: ErrorCode): BackstepError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof BackstepError);
    assert.equal(error.code, code);
    return error;
  }
  return assert.fail('nothing was refused');
}

test('the nearest manifest at or above a folder', (t) => {
  const folder = folderOf(t);
  const deep = join(folder, 'a/b');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(folder, 'backstep.yaml'), right);
  assert.equal(findManifest(nodeDisk, deep, linux), join(folder, 'backstep.yaml'));
  mkdirSync(join(folder, 'a/backstep.yaml'));
  assert.equal(findManifest(nodeDisk, deep, linux), join(folder, 'backstep.yaml'));
  writeFileSync(join(deep, 'backstep.yaml'), right);
  assert.equal(findManifest(nodeDisk, deep, linux), join(deep, 'backstep.yaml'));
});

test('no manifest anywhere', (t) => {
  const error = refusal(() => findManifest(nodeDisk, folderOf(t), linux), 'manifest/missing');
  assert.match(error.hint, /backstep init/);
  assert.equal(error.exitCode, 2);
});

test('a byte order mark and CRLF are read over, and relative paths begin beside the file', (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'backstep.yaml');
  writeFileSync(file, `\uFEFF${right.replaceAll('\n', '\r\n')}`);
  const { db } = loadManifest(nodeDisk, file, linux).assets;
  assert.equal(db?.kind === 'sqlite' && db.path, join(folder, 'a.db'));
});

test('the refusal of a file names each line, what was left alone, and what to do', (t) => {
  const file = join(folderOf(t), 'backstep.yaml');
  writeFileSync(file, right.replace('sqlite', 'sqlit').replace('app: a', 'app: 1'));
  const error = refusal(() => loadManifest(nodeDisk, file, linux), 'manifest/invalid');
  const lines = error.message.split('\n');
  assert.equal(lines.length, 2);
  assert.ok(lines[0]?.startsWith(`${file}:1:6: app: expected the name of the application`));
  assert.match(lines[1] ?? '', /backstep\.yaml:3:23: assets\.db\.kind: .*did you mean `sqlite`/);
  assert.match(error.hint, /nothing was touched/);
});

test('what is no text is refused as such', (t) => {
  const file = join(folderOf(t), 'backstep.yaml');
  const refused: readonly (readonly [Uint8Array | string, RegExp])[] = [
    [Buffer.from([0x61, 0x3a, 0xff]), /no UTF-8/],
    [Buffer.from(right, 'utf16le'), /no|mapping|NUL|expected/],
    ['a: 1\n'.repeat(300_000), /over 1 MiB/],
    ['', /expected a mapping/],
  ];
  for (const [content, says] of refused) {
    writeFileSync(file, content);
    assert.match(
      refusal(() => loadManifest(nodeDisk, file, linux), 'manifest/invalid').message,
      says,
    );
  }
  rmSync(file);
  refusal(() => loadManifest(nodeDisk, file, linux), 'manifest/missing');
});
