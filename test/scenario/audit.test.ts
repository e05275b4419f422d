import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { said } from './said.ts';
import { SmallApplication } from './small-application.ts';

/** An application that was upgraded, used and rolled back. */
async function rolledBack(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) await succeed(app, 'release', 'add', version, version);
  await succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql(`INSERT INTO notes VALUES (41, 'mine', 'completed', 'red')`);
  const reason = 'password=hunter2 leaked, ask someone@example.com';
  await succeed(app, 'rollback', '--yes', '--reason', reason);
  return app;
}

interface AuditedDecisions {
  readonly asset: string;
  readonly decided: readonly {
    readonly place: string;
    readonly choice: string;
    readonly by: string;
  }[];
}

async function succeed(
  app: SmallApplication,
  ...argv: string[]
): Promise<ReturnType<typeof JSON.parse>> {
  const { exitCode, stdout, stderr } = await said(app.folder, ...argv, '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(stdout);
}

/** A file a month: at the turn of one there are two. */
function logsOf(app: SmallApplication): readonly string[] {
  const folder = app.path('state/audit');
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  return names.map((name) => join(folder, name));
}

/** The one with most in it. */
function logOf(app: SmallApplication): string {
  const [largest = ''] = logsOf(app).toSorted((a, b) => statSync(b).size - statSync(a).size);
  return largest;
}

test('an upgrade and a rollback are in the audit log, which verifies and is private', async (t) => {
  const app = await rolledBack(t);
  const lines = await succeed(app, 'audit', 'export');
  const acts = lines.map(({ act }: { act: string }) => act);
  assert.deepEqual(
    acts.filter((act: string) => act.startsWith('run.') && act !== 'run.decided'),
    ['run.begun', 'run.ended', 'run.begun', 'run.receipt', 'run.ended'],
  );
  const begun = lines.filter(({ act }: { act: string }) => act === 'run.begun')[1];
  assert.deepEqual(
    [begun.data.kind, begun.data.from, begun.data.to],
    ['rollback', '2.0.0', '1.0.0'],
  );
  const ended = lines.findLast(({ act }: { act: string }) => act === 'run.ended');
  assert.equal(ended.data.result, 'rolled-back');
  const text = logsOf(app)
    .map((log) => readFileSync(log, 'utf8'))
    .join('');
  assert.doesNotMatch(text, /hunter2|someone@/);
  assert.match(text, /password=\(secret\)/);
  const account = process.env['SUDO_USER'] ?? process.env['USER'] ?? process.env['LOGNAME'];
  if (account !== undefined) assert.ok(!text.includes(`"actor":"${account}"`));
  assert.equal(statSync(app.path('state/audit')).mode & 0o777, 0o700);
  assert.equal(statSync(logOf(app)).mode & 0o777, 0o600);
  const verified = await succeed(app, 'audit', 'verify');
  assert.equal(verified.finding, null);
  assert.match(verified.anchor, /^\d+:[0-9a-f]{64}$/);
  const csv = (await said(app.folder, 'audit', 'export', '--format', 'csv')).stdout
    .trimEnd()
    .split('\n');
  assert.equal(csv.length, lines.length + 1);
  assert.deepEqual(await succeed(app, 'audit', 'export', '--since', '2999-01-01'), []);
});

test('what was decided at an upgrade and in a rollback is in the log, by whom and when', async (t) => {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) await succeed(app, 'release', 'add', version, version);
  await succeed(app, 'upgrade', '--to', '2.0.0', '--yes', '--decide', 'notes.notes.state=as-is');
  app.sql(`INSERT INTO notes VALUES (41, 'mine', 'completed', 'red')`);
  await succeed(app, 'rollback', '--yes');
  const lines = await succeed(app, 'audit', 'export');
  const decided = lines.filter(({ act }: { act: string }) => act === 'run.decided');
  const told = decided.map(({ run, data }: { run: string; data: AuditedDecisions }) => [
    run.split('-')[0],
    data.asset,
    data.decided.map(({ place, choice, by }) => `${place}=${choice} by ${by}`).join(),
  ]);
  assert.deepEqual(told, [
    ['upgrade', 'notes', 'notes.state=as-is by operator'],
    ['rollback', 'notes', 'notes.state=as-is by operator'],
  ]);
});

test('a map that the data proved and an upgrade took is a decision', async (t) => {
  const app = await rolledBack(t);
  const lines = await succeed(app, 'audit', 'export');
  const [taken] = lines.filter(({ act }: { act: string }) => act === 'run.decided');
  assert.deepEqual(
    [taken.data.asset, taken.data.decided[0].place, taken.data.decided[0].choice],
    ['notes', 'notes.state', 'map'],
  );
});

test('an auditor with the key, an anchor and a copy finds what was done to it', async (t) => {
  const app = await rolledBack(t);
  const { anchor } = await succeed(app, 'audit', 'verify');
  cpSync(app.path('state/audit/public.pem'), app.path('auditor.pem'));
  cpSync(app.path('state/audit'), app.path('copy'), { recursive: true });
  const given = ['--pubkey', 'auditor.pem', '--anchor', anchor];
  assert.equal((await succeed(app, 'audit', 'verify', 'copy', ...given)).trust, 'given');
  const log = logOf(app);
  const whole = readFileSync(log, 'utf8');
  const tampered: readonly (readonly [string, (lines: string[]) => string[]])[] = [
    ['altered', (lines) => lines.map((line) => line.replace('rolled-back', 'upgraded'))],
    ['cut', (lines) => lines.slice(0, -2)],
    ['reordered', ([a = '', b = '', ...rest]) => [b, a, ...rest]],
  ];
  for (const [finding, change] of tampered) {
    writeFileSync(log, `${change(whole.trimEnd().split('\n')).join('\n')}\n`);
    const { exitCode, stdout } = await said(app.folder, 'audit', 'verify', ...given);
    assert.equal(exitCode, 7, stdout);
    assert.match(stdout, new RegExp(`^finding: ${finding}\n\\d{4}-\\d{2}\\.jsonl:\\d+: `));
  }
  writeFileSync(log, whole);
  assert.equal((await said(app.folder, 'audit', 'verify', ...given)).exitCode, 0);
  const other = await said(app.folder, 'audit', 'verify', '--anchor', '3:nothing');
  assert.equal(other.exitCode, 2);
  assert.match(other.stderr, /this is no SIZE:HASH/);
  app.write('no-key.pem', 'nothing');
  assert.equal((await said(app.folder, 'audit', 'verify', '--pubkey', 'no-key.pem')).exitCode, 2);
});

test('a refusal is in the log', async (t) => {
  const app = await rolledBack(t);
  const refused = await said(app.folder, 'upgrade', '--to', '3.0.0', '--yes');
  assert.equal(refused.exitCode, 3, refused.stderr);
  const lines = await succeed(app, 'audit', 'export');
  const found = lines.filter(({ act }: { act: string }) => act === 'command.refused');
  assert.equal(found.length, 1);
  assert.match(found[0].data.purpose, /3\.0\.0/);
  assert.equal(typeof found[0].data.code, 'string');
  assert.equal((await succeed(app, 'audit', 'verify')).finding, null);
});

test('nothing is pruned that is younger than a year', async (t) => {
  const app = await rolledBack(t);
  const shown = await succeed(app, 'audit', 'prune', '--archive', 'archive', '--yes');
  assert.deepEqual([shown.months, shown.done], [[], false]);
  assert.equal(existsSync(app.path('archive')), false);
  assert.equal((await said(app.folder, 'audit', 'prune', '--months', '3')).exitCode, 2);
});
