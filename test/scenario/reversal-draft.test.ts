import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { said } from './said.ts';
import { SmallApplication } from './small-application.ts';

test('a draft is made from a recorded upgrade, passes the check, and is never written over another file', async (t) => {
  const app = new SmallApplication(t);
  for (const argv of [
    ['release', 'add', '1.0.0', '1.0.0'],
    ['release', 'add', '2.0.0', '2.0.0'],
    ['upgrade', '--to', '2.0.0', '--yes'],
  ]) {
    const { exitCode, stdout, stderr } = await said(app.folder, ...argv);
    assert.equal(exitCode, 0, stdout + stderr);
  }
  const [pair = ''] = readdirSync(app.path('state/pairs'));
  const drafted = await said(app.folder, 'reversal', 'draft', '--pair', pair);
  assert.equal(drafted.exitCode, 0, drafted.stderr);
  const file = app.path('reversals/2.0.0-to-1.0.0.yaml');
  const text = app.read('reversals/2.0.0-to-1.0.0.yaml');
  assert.match(text, /^from: 2\.0\.0\nto: 1\.0\.0\n/m);
  assert.match(text, /state: \{ completed: done \}/);
  const checked = await said(app.folder, 'reversal', 'check', file, '--pair', pair);
  assert.equal(checked.exitCode, 0, checked.stdout);
  const unsaid = text.replace(
    / {2}notes:[^]*?(?=\njson:|$)/,
    '  notes: { rebuild: { none: SELECT 1 } }\n',
  );
  assert.ok(!unsaid.includes('completed'));
  app.write('other/2.0.0-to-1.0.0.yaml', unsaid);
  const other = app.path('other/2.0.0-to-1.0.0.yaml');
  const known = await said(app.folder, 'reversal', 'check', other, '--pair', pair);
  assert.ok(
    !known.stdout.includes('notes.state'),
    'the upgrade took that map, and the pair keeps it',
  );
  const again = await said(app.folder, 'reversal', 'draft', '--pair', pair, '--json');
  assert.equal(again.exitCode, 3);
  assert.match(again.stdout, /reversal\/present/);
  assert.equal(app.read('reversals/2.0.0-to-1.0.0.yaml'), text);
  assert.deepEqual(readdirSync(app.path('reversals')), ['2.0.0-to-1.0.0.yaml']);
});

test('a draft from two databases needs the releases, and says where nothing has to be said', async (t) => {
  const app = new SmallApplication(t);
  const states = ['--before', 'data/notes.db', '--after', 'copy.db'];
  app.sql(`VACUUM INTO '${app.path('copy.db')}'`);
  const unnamed = await said(app.folder, 'reversal', 'draft', ...states);
  assert.equal(unnamed.exitCode, 2);
  const releases = ['--from', '2.0.0', '--to', '1.0.0', '--asset', 'notes'];
  const same = await said(app.folder, 'reversal', 'draft', ...states, ...releases);
  assert.deepEqual([same.exitCode, same.stderr], [0, '']);
  assert.match(same.stdout, /no reversal file is needed/);
  assert.equal(existsSync(app.path('2.0.0-to-1.0.0.yaml')), false);
  rmSync(app.path('copy.db'));
  app.sql(`VACUUM INTO '${app.path('copy.db')}'; ALTER TABLE notes RENAME COLUMN body TO text`);
  const swapped = ['--before', 'copy.db', '--after', 'data/notes.db'];
  const made = await said(app.folder, 'reversal', 'draft', ...swapped, ...releases);
  assert.equal(made.exitCode, 0, made.stderr);
  assert.match(app.read('2.0.0-to-1.0.0.yaml'), /# text holds what body held, in 40 of 40 rows/);
  const left = readdirSync(app.folder).filter((name) => name.startsWith('.'));
  assert.deepEqual(left, [], join(app.folder, left[0] ?? ''));
});
