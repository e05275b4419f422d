import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { Managed } from '../scenario/managed.ts';
import { download, historyOf, setUp } from '../scenario/people.ts';
import { SmallApplication } from '../scenario/small-application.ts';

const scripts = join(import.meta.dirname, '../../scripts_dev/rollback');
const limits = { timeout: 1_200_000 };

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** Runs a script of the manual as its head says: from the folder of the application. */
async function call(cwd: string, name: string, ...args: string[]): Promise<Ended> {
  const child = spawn(join(scripts, name), args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code: child.exitCode, said: stdout + stderr };
}

/** Social Download Manager 2.0.0, upgraded from 1.2.1, with a download from each; no machine is too slow for it. */
async function upgraded(scope: { after(clean: () => void | Promise<void>): void }) {
  const media = await startMediaServer();
  scope.after(() => media.close());
  const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
  const path = join(managed.folder, 'backstep.yaml');
  const manifest = readFileSync(path, 'utf8');
  assert.match(manifest, /    page: \/\n/);
  const patient = '    page: /\n    startWithin: 30m\n    respondWithin: 30m\n';
  writeFileSync(path, manifest.replace('    page: /\n', patient));
  await managed.document('service', 'start');
  const client = managed.client();
  await setUp(client);
  await download(client, [`${media.origin}/file/one.mp4?size=5000`]);
  await managed.document('upgrade', '--to', '2.0.0', '--yes');
  await download(client, [`${media.origin}/file/two.mp4?size=5000`]);
  return { managed, client };
}

const carried = ['1 one done null', '2 two done null'];

test(
  'unix_rollback.sh goes back with what was done since, verifies it, and keeps a log',
  limits,
  async (t) => {
    const { managed, client } = await upgraded(t);
    const { folder } = managed;
    const back = await call(folder, 'unix_rollback.sh', '--version', 'v1.2.1', '--log', 'back.log');
    assert.equal(back.code, 0, back.said);
    assert.equal((await client.get('/healthz')).at('version'), '1.2.1');
    assert.deepEqual(await historyOf(client), carried);
    assert.match(back.said, /✓ history: integrity/);
    const log = join(folder, 'back.log');
    assert.equal(readFileSync(log, 'utf8'), back.said, 'what was shown is in the log');
    assert.equal(statSync(log).mode & 0o777, 0o600);

    const again = await call(
      folder,
      'unix_rollback.sh',
      '--version',
      'v1.2.1',
      '--log',
      'again.log',
    );
    assert.equal(
      again.code,
      3,
      `it is there already, and the code of Backstep comes through\n${again.said}`,
    );
    assert.doesNotMatch(again.said, /integrity/, 'what was refused is not verified');

    const args = ['--version', 'v1.2.1', '--log', 'checks.log'];
    const verified = await call(folder, 'verify_rollback.sh', ...args);
    assert.equal(verified.code, 0, verified.said);
    const checks = readFileSync(join(folder, 'checks.log'), 'utf8');
    assert.match(checks, /^\[SUCCESS\] \S+: history: integrity: ok$/m);
  },
);

test(
  'emergency_rollback.sh --confirm goes back to the release before, and asks nothing',
  limits,
  async (t) => {
    const { managed, client } = await upgraded(t);
    const refused = await call(managed.folder, 'emergency_rollback.sh');
    assert.equal(refused.code, 2, refused.said);
    assert.match(refused.said, /needs --confirm/);
    assert.equal((await client.get('/healthz')).at('version'), '2.0.0');
    const back = await call(managed.folder, 'emergency_rollback.sh', '--confirm');
    assert.equal(back.code, 0, back.said);
    assert.equal((await client.get('/healthz')).at('version'), '1.2.1');
    assert.deepEqual(await historyOf(client), carried);
  },
);

test(
  'verify_data_integrity.sh says what is wrong, and writes the report under its name',
  limits,
  async (t) => {
    const managed = await Managed.install(t, ['1.2.1']);
    await managed.document('service', 'start');
    await managed.document('verify', '--record');
    await managed.document('service', 'stop');
    const { data, folder } = managed;
    writeFileSync(join(data, 'user_preferences.json'), '{ "language": ');
    const elsewhere = join(folder, 'run');
    const found = await call(elsewhere, 'verify_data_integrity.sh', data, join(data, 'sdm.db'));
    assert.equal(found.code, 7, found.said);
    const report = JSON.parse(
      readFileSync(join(elsewhere, 'rollback_verification_report.json'), 'utf8'),
    );
    assert(report.error_count > 0);
    assert(report.verification_log.some((line: string) => line.includes('user_preferences.json')));
    assert.equal((await call(folder, 'verify_data_integrity.sh', data)).code, 2);
    const missing = join(data, 'none.db');
    const unknown = await call(folder, 'verify_data_integrity.sh', data, missing);
    assert.deepEqual([unknown.code, existsSync(missing)], [2, false]);
  },
);

test('database_rollback.sh brings a database alone back, with the rows written since', async (t) => {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) app.backstep('release', 'add', version, version);
  const up = app.backstep('upgrade', '--to', '2.0.0', '--yes');
  assert.equal(up.exitCode, 0, up.stderr);
  app.sql("INSERT INTO notes VALUES (41, 'since', 'done', NULL)");
  assert.equal((await call(app.folder, 'database_rollback.sh', '--version', 'v1.0.0')).code, 2);
  const trick = await call(app.folder, 'database_rollback.sh', '--asset', 'notes --only settings');
  assert.equal(trick.code, 2, trick.said);
  const args = ['--asset', 'notes', '--version', 'v1.0.0', '--manifest', app.path('backstep.yaml')];
  const back = await call('/', 'database_rollback.sh', ...args);
  assert.equal(back.code, 0, back.said);
  assert.deepEqual(app.rows('SELECT body, (SELECT count(*) FROM notes) FROM notes WHERE id = 41'), [
    ['since', 41],
  ]);
  assert.deepEqual(app.rows("SELECT name FROM pragma_table_info('notes')"), [
    ['id'],
    ['body'],
    ['state'],
  ]);
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), { language: 'en', format: 2 });
});

test('staging_rollback_test.sh says what a rollback would do, and changes nothing', async (t) => {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) app.backstep('release', 'add', version, version);
  const up = app.backstep('upgrade', '--to', '2.0.0', '--yes');
  assert.equal(up.exitCode, 0, up.stderr);
  app.sql("INSERT INTO notes VALUES (41, 'since', 'done', NULL)");
  const before = app.read('data/settings.json');
  const rehearsed = await call(app.folder, 'staging_rollback_test.sh', '--version', 'v1.0.0');
  assert.equal(rehearsed.code, 0, rehearsed.said);
  assert.match(rehearsed.said, /1\.0\.0/);
  assert.match(rehearsed.said, /integrity/);
  assert.equal(app.read('data/settings.json'), before);
  const unknown = await call(app.folder, 'staging_rollback_test.sh', '--version', 'v0.9.0');
  assert.notEqual(unknown.code, 0, unknown.said);
});

test('the scripts are what POSIX has', (t) => {
  if (spawnSync('shellcheck', ['--version']).error) return t.skip('shellcheck is not installed');
  const files = ['backstep', 'unix_rollback', 'emergency_rollback', 'database_rollback'];
  const names = [...files, 'verify_rollback', 'verify_data_integrity', 'staging_rollback_test'].map(
    (name) => `${name}.sh`,
  );
  const judged = spawnSync('shellcheck', ['-x', '-s', 'sh', ...names], {
    cwd: scripts,
    encoding: 'utf8',
  });
  assert.equal(judged.status, 0, judged.stdout);
});
