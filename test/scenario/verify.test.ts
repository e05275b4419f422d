import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { Managed } from './managed.ts';
import { said } from './said.ts';

interface Check {
  readonly row: string;
  readonly name: string;
  readonly status: string;
  readonly measured: string;
}

interface Report {
  readonly total_checks: number;
  readonly success_count: number;
  readonly warning_count: number;
  readonly error_count: number;
  readonly verification_log: readonly string[];
  readonly checks: readonly Check[];
}

async function verify(app: Managed, ...more: string[]): Promise<Report & { exitCode: number }> {
  const { exitCode, stdout, stderr } = await said(app.folder, 'verify', ...more, '--json');
  assert.notEqual(stdout, '', stderr);
  const report: Report = JSON.parse(stdout);
  assert.ok(Array.isArray(report.checks), stdout);
  return { ...report, exitCode };
}

function check(report: Report, name: string): Check {
  const found = report.checks.find((each) => each.name === name);
  assert(
    found !== undefined,
    `${name} is among ${report.checks.map((each) => each.name).join(', ')}`,
  );
  return found;
}

async function succeed(app: Managed, ...argv: string[]): Promise<void> {
  const ended = await said(app.folder, ...argv);
  assert.equal(ended.exitCode, 0, ended.stdout + ended.stderr);
}

/** Starts it, with limits that no machine is too slow for. */
async function begin(app: Managed): Promise<void> {
  const path = join(app.folder, 'backstep.yaml');
  const manifest = readFileSync(path, 'utf8');
  assert.match(manifest, /    page: \/\n/);
  const patient = '    page: /\n    startWithin: 30m\n    respondWithin: 30m\n';
  writeFileSync(path, manifest.replace('    page: /\n', patient));
  await succeed(app, 'service', 'start');
}

const downloadProbe = join(
  import.meta.dirname,
  '../../examples/social-download-manager/probes/download.ts',
);

const limits = { timeout: 600_000 };

test(
  'an application that was rolled back is verified: state, files, page, security, figures',
  limits,
  async (t) => {
    const app = await Managed.install(t, ['1.2.1', '2.0.0']);
    await begin(app);
    const client = app.client();
    assert.equal(
      (await client.post('/api/setup', { name: 'operator', password: 'long enough' })).status,
      201,
    );
    await succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
    await succeed(app, 'rollback', '--yes');
    const first = await verify(app, '--version', 'v1.2.1', '--log', 'rollback.log', '--out', 'out');
    const errors = first.checks.filter(({ status }) => status === 'error');
    assert.deepEqual(errors, []);
    assert.equal(first.exitCode, 0);
    assert.equal(first.total_checks, first.checks.length);
    const counted = first.success_count + first.warning_count + first.error_count;
    assert.equal(counted, first.total_checks);
    for (const name of [
      'configuration: documents',
      'configuration: files',
      'configuration: required keys',
      'history: integrity',
      'history: references',
      'history: tables',
      'history: schema version',
      'history: row counts',
      'owners and modes',
      'security: written by others',
      'security: secret files',
      'release files',
      'backups',
      'service',
      'ready',
      'version',
      'help: every link leads somewhere',
      'security: login required',
      'security: cookies',
      'security: listening addresses',
    ]) {
      const { status, measured } = check(first, name);
      assert.equal(status, 'success', `${name}: ${measured}`);
    }
    assert.match(check(first, 'history: schema version').measured, /1\.2\.1/);
    assert.match(check(first, 'start').measured, /^ready after \d+ ms \(limit 1800000 ms/);
    assert.match(check(first, 'memory').measured, /^\d+ MB; no baseline/);
    assert.match(
      check(first, 'download: first byte').measured,
      /^not measured: the manifest has no/,
    );
    const log = readFileSync(join(app.folder, 'rollback.log'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(log, first.verification_log);
    assert.match(log[0] ?? '', /^\[(SUCCESS|WARNING|ERROR)\] \d{4}-\d\d-\d\dT/);
    const file = join(app.folder, 'out/rollback_verification_report.json');
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(file, 'utf8'))).slice(0, 6), [
      'timestamp',
      'verification_log',
      'total_checks',
      'success_count',
      'warning_count',
      'error_count',
    ]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(
      readFileSync(file.replace(/json$/, 'html'), 'utf8'),
      /<h1>social-download-manager 1\.2\.1: verified/,
    );
    await succeed(app, 'verify', '--record');
    assert.match(check(await verify(app), 'memory').measured, /baseline \d+ MB/);
  },
);

test('a download that its own command begins is measured to its first byte', limits, async (t) => {
  const media = await startMediaServer();
  t.after(() => media.close());
  const app = await Managed.install(t, ['1.2.1']);
  await begin(app);
  const account = { name: 'probe', password: 'long enough' };
  assert.equal((await app.client().post('/api/setup', account)).status, 201);
  writeFileSync(join(app.folder, 'account.json'), JSON.stringify(account), { mode: 0o600 });
  const path = join(app.folder, 'backstep.yaml');
  const manifest = readFileSync(path, 'utf8');
  const probing = (link: string): void => {
    const argv = [
      '{node}',
      downloadProbe,
      '--origin',
      'http://127.0.0.1:{port}',
      '--account',
      'account.json',
      '--link',
      link,
    ];
    const asked = `    downloadWithin: 30m\n    download: { run: ${JSON.stringify(argv)}, timeout: 30m }\n`;
    writeFileSync(path, manifest.replace('    page: /\n', `    page: /\n${asked}`));
  };
  probing(`${media.origin}/file/one.mp4?size=5000`);
  const measured = check(await verify(app), 'download: first byte');
  assert.match(measured.measured, /^after \d+ ms \(limit 1800000 ms\)$/);
  assert.equal(measured.status, 'success');
  const client = app.client();
  await client.post('/api/login', account);
  assert.equal((await client.get('/api/downloads')).number('total'), 0, 'the probe leaves nothing');
  probing('http://127.0.0.1:9/nobody.mp4');
  const refused = check(await verify(app), 'download: first byte');
  assert.equal(refused.status, 'error');
  assert.match(refused.measured, /exit code 1: /);
});

test('a line of an error in the log since the start is told', limits, async (t) => {
  const app = await Managed.install(t, ['1.2.1']);
  await begin(app);
  const errors = async (): Promise<Check> =>
    check(await verify(app), 'error lines since the start');
  assert.equal((await errors()).status, 'success');
  const log = join(app.folder, 'run/backstep/service/output.log');
  appendFileSync(log, '{"ts":"2026-01-01T00:00:00Z","level":"error","event":"no-room"}\n');
  const found = await errors();
  assert.equal(found.status, 'warning');
  assert.match(found.measured, /^1 of \d+ lines; the last: .*no-room/);
});

test('the page answers an event within its limit, in a real browser', limits, async (t) => {
  if (!existsSync('/usr/bin/chromium')) return t.skip('Chromium is not installed');
  const app = await Managed.install(t, ['1.2.1']);
  await begin(app);
  const report = await verify(app);
  const { measured } = check(report, 'page: event to next paint');
  assert.match(
    measured,
    /^median \d+ ms, worst \d+ ms of 5 events \(limit 1800000 ms\); loaded in \d+ ms$/,
  );
});

test('everything that is wrong is told at once, whatever failed before it', limits, async (t) => {
  const app = await Managed.install(t, ['1.2.1', '2.0.0']);
  await begin(app);
  await app.client().post('/api/setup', { name: 'operator', password: 'long enough' });
  await succeed(app, 'verify', '--record');
  await succeed(app, 'service', 'stop');
  const data = (name: string): string => join(app.data, name);
  rmSync(data('platform_settings.json'));
  writeFileSync(data('user_preferences.json'), '{ "language": ');
  const { language: _, ...config } = JSON.parse(readFileSync(data('config.json'), 'utf8'));
  const [firstKey = ''] = Object.keys(config);
  delete config[firstKey];
  writeFileSync(data('config.json'), JSON.stringify(config));
  writeFileSync(data('config.json.tmp'), 'half');
  chmodSync(data('config.json'), 0o666);
  const db = new DatabaseSync(data('sdm.db'));
  db.exec(
    'PRAGMA foreign_keys = OFF; ALTER TABLE users ADD COLUMN nickname TEXT; DROP TABLE announcements',
  );
  db.exec('DELETE FROM schema_migrations WHERE rowid = (SELECT max(rowid) FROM schema_migrations)');
  db.close();
  const server = join(app.folder, 'run/releases/1.2.1/server.ts');
  chmodSync(server, 0o644);
  writeFileSync(server, `${readFileSync(server, 'utf8')}\n`);
  const report = await verify(app);
  assert.equal(report.exitCode, 7);
  const found = (name: string): string => {
    const { status, measured } = check(report, name);
    return `${status}: ${measured}`;
  };
  assert.match(found('platforms: files'), /^error: missing: platform_settings\.json/);
  assert.match(found('preferences: documents'), /^error: .*user_preferences\.json/);
  assert.match(found('configuration: required keys'), new RegExp(`^error: missing: .*${firstKey}`));
  assert.match(
    found('history: tables'),
    /^error: missing: announcements; not of this release: users\.nickname/,
  );
  assert.match(found('history: schema version'), /^error: .*expected .*1\.2\.1/);
  assert.match(found('temporary files'), /^warning: .*config\.json\.tmp/);
  assert.match(
    found('security: written by others'),
    /^error: configuration\/config\.json \(0666\)/,
  );
  assert.match(found('release files'), /^error: 1\.2\.1: .*server\.ts/);
  assert.match(found('ready'), /^error: \/healthz: nobody listens/);
  assert.match(found('service'), /^warning: stopped/);
  const text = await said(app.folder, 'verify');
  assert.match(text.stdout, /✗ history: tables/);
  // Another release than the one that should run.
  assert.match(
    check(await verify(app, '--version', '2.0.0'), 'release files').measured,
    /server\.ts|2\.0\.0 should be/,
  );
});
