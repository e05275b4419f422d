import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { SmallApplication } from './small-application.ts';

/** Runs one command that must succeed, and returns its document. */
function must(app: SmallApplication, ...argv: string[]): ReturnType<typeof JSON.parse> {
  const { exitCode, stdout, stderr } = app.backstep(...argv, '--json');
  assert.equal(exitCode, 0, `${argv.join(' ')}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout);
}

test('what the scripts did is taken into the records, and a return brings back what they could not carry', (t) => {
  if (spawnSync('sqlite3', ['-version']).error) return t.skip('sqlite3 is not installed');
  const app = new SmallApplication(t);
  must(app, 'release', 'add', '1.0.0', '1.0.0');
  must(app, 'release', 'add', '2.0.0', '2.0.0');
  must(app, 'upgrade', '--to', '2.0.0', '--yes');
  must(app, 'kit');
  app.sql(`INSERT INTO notes (body, state, color) VALUES ('under two', 'completed', 'red')`);
  app.write('data/settings.json', '{\n  "language": "vi",\n  "format": 2\n}\n');
  const script = app.path('state/kit/emergency_rollback.sh');
  const said = spawnSync('sh', [script, '--confirm', '--plain'], { encoding: 'utf8' });
  assert.equal(said.status, 0, said.stdout + said.stderr);
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), { language: 'en' });
  app.sql(`INSERT INTO notes (body, state) VALUES ('under one', 'done')`);

  const refused = app.backstep('snapshot');
  assert.equal(refused.exitCode, 3, 'nothing is captured on records that are behind');
  const hidden = (): string[] =>
    readdirSync(app.folder).filter((name) => name.startsWith('.backstep'));
  assert.equal(hidden().length, 1);
  const told = app.backstep('status').stdout;
  assert.match(told, /went back over pair-.* without Backstep/);
  assert.match(app.backstep('doctor').stdout, /the records do not know it yet/);
  must(app, 'resume');
  assert.doesNotMatch(app.backstep('status').stdout, /went back over/);
  assert.deepEqual(hidden(), [], 'what was moved aside lies in the store');
  assert.equal(must(app, 'status').release, '1.0.0');
  assert.deepEqual(must(app, 'resume'), [], 'once');

  must(app, 'return', '--release-hold', '--yes');
  const written = `SELECT body, state, color FROM notes WHERE body LIKE 'under%' ORDER BY id`;
  assert.deepEqual(app.rows(written), [
    ['under two', 'completed', 'red'],
    ['under one', 'completed', null],
  ]);
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), { language: 'vi', format: 2 });
  assert.equal(must(app, 'audit', 'verify').finding, null);
  return undefined;
});
