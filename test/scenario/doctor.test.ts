import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { Managed } from './managed.ts';
import { DiskError } from '../../src/host/disk-error.ts';
import type { Disk } from '../../src/host/disk.ts';
import { nodeHost } from '../../src/host/node.ts';
import { said, saidOn } from './said.ts';
import { SmallApplication } from './small-application.ts';

const limits = { timeout: 600_000 };

interface Finding {
  readonly severity: string;
  readonly about: string;
  readonly found: string;
  readonly remedy: string;
}

async function doctor(folder: string): Promise<{ exitCode: number; findings: readonly Finding[] }> {
  const { exitCode, stdout, stderr } = await said(folder, 'doctor', '--json');
  assert.notEqual(stdout, '', stderr);
  const document = JSON.parse(stdout);
  assert.ok(Array.isArray(document.findings), stdout);
  return { exitCode, findings: document.findings };
}

/** `severity: about: what was found` of everything that was found. */
async function told(folder: string): Promise<string[]> {
  const { findings } = await doctor(folder);
  assert.ok(findings.every(({ remedy }) => remedy !== ''));
  return findings.map(({ severity, about, found }) => `${severity}: ${about}: ${found}`);
}

async function succeed(folder: string, ...argv: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await said(folder, ...argv);
  assert.equal(exitCode, 0, stdout + stderr);
  return stdout;
}

test(
  'on a sound application it says one line, before an upgrade, after it, and after a rollback',
  limits,
  async (t) => {
    const app = await Managed.install(t, ['1.2.1']);
    const file = join(app.folder, 'backstep.yaml');
    const placeholders = await doctor(app.folder);
    assert.equal(placeholders.exitCode, 7);
    assert.deepEqual(
      placeholders.findings.map(({ about }) => about),
      ['contacts'],
    );
    assert.match(placeholders.findings[0]?.found ?? '', /^placeholders: technical-lead, /);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('example.com', 'operators.internal'));
    const line =
      /^social-download-manager: nothing stands in the way of a rollback \(\d+ examinations\)\n$/;
    assert.match(await succeed(app.folder, 'doctor'), line);
    await succeed(app.folder, 'service', 'start');
    assert.match(await succeed(app.folder, 'doctor'), line);
    const example = join(import.meta.dirname, '../../examples/social-download-manager/2.0.0');
    await succeed(app.folder, 'release', 'add', '2.0.0', example);
    await succeed(app.folder, 'upgrade', '--to', '2.0.0', '--yes');
    assert.match(await succeed(app.folder, 'doctor'), line);
    await succeed(app.folder, 'rollback', '--yes');
    assert.match(await succeed(app.folder, 'doctor'), line);
    assert.match(await succeed(app.folder, 'audit', 'verify'), /^whole: /);
  },
);

/** Upgraded, with contacts that are none of nobody's. */
async function upgraded(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0'])
    await succeed(app.folder, 'release', 'add', version, version);
  const contacts = 'contacts: { operator: { email: operator@operators.internal } }\n';
  app.write('backstep.yaml', `${app.read('backstep.yaml')}${contacts}`);
  await succeed(app.folder, 'upgrade', '--to', '2.0.0', '--yes');
  assert.deepEqual(await told(app.folder), []);
  return app;
}

test('each thing that would make a rollback fail is told, with what to do', limits, async (t) => {
  const app = await upgraded(t);
  const pairFile = (): string => {
    const [id = ''] = readdirSync(app.path('state/pairs'));
    return `state/pairs/${id}/pair.json`;
  };
  const breakages: readonly (readonly [
    expected: RegExp,
    file: string,
    change: (text: string) => string,
  ])[] = [
    [/^warning: migration: /, 'backstep.yaml', (text) => text.replace(/^migrate:.*\n/m, '')],
    [
      /^warning: contacts: .*nobody/,
      'backstep.yaml',
      (text) => text.replace(/^contacts:.*\n/m, ''),
    ],
    [
      /^error: contacts: placeholders: operator/,
      'backstep.yaml',
      (text) => text.replace('email: operator@operators.internal', 'phone: "+1-555-0123"'),
    ],
    [
      /^error: clock: .* there is a record of 2999/,
      pairFile(),
      (text) => text.replace(/"at": "\d{4}/, '"at": "2999'),
    ],
    [
      /^warning: undecided places: .*notes\.notes\.state/,
      pairFile(),
      (text) => JSON.stringify({ ...JSON.parse(text), maps: {} }),
    ],
    [
      /^error: running release: .*2\.0\.0 is in its place, and 9\.9\.9 is on record/,
      'state/releases/book.json',
      (text) => text.replace('"release": "2.0.0"', '"release": "9.9.9"'),
    ],
    [
      /^error: way back: /,
      'state/releases/book.json',
      (text) => JSON.stringify({ ...JSON.parse(text), lineage: [] }),
    ],
    [/^error: .*book\.json is damaged/, 'state/releases/book.json', () => '{'],
  ];
  for (const [expected, file, change] of breakages) {
    const whole = app.read(file);
    const broken = change(whole);
    assert.notEqual(broken, whole, String(expected));
    app.write(file, broken);
    const found = await told(app.folder);
    assert.ok(
      found.some((each) => expected.test(each)),
      `${expected} in ${found.join('\n')}`,
    );
    app.write(file, whole);
  }
  assert.deepEqual(await told(app.folder), []);
});

test('what lies on the disk and is not as it should be is told', limits, async (t) => {
  const app = await upgraded(t);
  const expectFinding = async (expected: RegExp): Promise<void> => {
    const found = await told(app.folder);
    assert.ok(
      found.some((each) => expected.test(each)),
      `${expected} in ${found.join('\n')}`,
    );
  };
  chmodSync(app.path('state'), 0o755);
  await expectFinding(/^error: state folder: .*755/);
  chmodSync(app.path('state'), 0o700);
  chmodSync(app.path('backstep.yaml'), 0o666);
  await expectFinding(/^error: manifest: /);
  chmodSync(app.path('backstep.yaml'), 0o644);
  const [run = ''] = readdirSync(app.path('state/journal'));
  const journal = app.read(`state/journal/${run}`);
  app.write(`state/journal/${run}`, journal.split('\n').slice(0, 4).join('\n'));
  await expectFinding(/^error: interrupted runs: upgrade-.*\(interrupted\)/);
  app.write(`state/journal/${run}`, journal);
  const [month = ''] = readdirSync(app.path('state/audit')).filter(
    (name) => name.endsWith('.jsonl') && app.read(`state/audit/${name}`).includes('"upgraded"'),
  );
  const log = app.read(`state/audit/${month}`);
  app.write(`state/audit/${month}`, log.replace('"upgraded"', '"abandoned"'));
  await expectFinding(/^error: audit log: altered: /);
  app.write(`state/audit/${month}`, log);
  const kept = app.path('releases/1.0.0/migrate.mjs');
  chmodSync(kept, 0o644);
  appendFileSync(kept, 'altered');
  await expectFinding(/^error: releases to go back to: 1\.0\.0 is not whole: .*migrate\.mjs/);
  const objects = app.path('state/store/objects');
  for (const name of readdirSync(objects, { recursive: true, encoding: 'utf8' })) {
    const path = join(objects, name);
    if (!statSync(path).isFile() || statSync(path).size < 4_096) continue;
    chmodSync(path, 0o600);
    writeFileSync(path, 'altered');
  }
  await expectFinding(/^error: stored states: snapshot .*damaged/);
});

test('an old SQLite is told where the database is in WAL mode', limits, async (t) => {
  const app = await upgraded(t);
  const path = app.path('data/notes.db');
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL');
  db.close();
  const write = (version: number): void => {
    const bytes = readFileSync(path);
    bytes.writeUInt32BE(version, 96);
    writeFileSync(path, bytes);
  };
  write(3_051_003);
  assert.deepEqual(await told(app.folder), []);
  write(3_051_002);
  assert.match(
    (await told(app.folder)).join('\n'),
    /^warning: SQLite of the application: notes .* SQLite 3\.51\.2/,
  );
  write(3_006_023);
  assert.deepEqual(await told(app.folder), []);
});

test('a folder that cannot be written to is told', limits, async (t) => {
  const app = await upgraded(t);
  const host = nodeHost();
  const create: Disk['create'] = (path, mode) => {
    const isRefused = path.startsWith(`${app.path('data')}/`);
    if (isRefused) throw new DiskError('EROFS', { act: 'make', path });
    return host.disk.create(path, mode);
  };
  // Root may write everywhere, so that the disk itself has to refuse.
  const disk = new Proxy(host.disk, {
    get: (of, name) => (name === 'create' ? create : Reflect.get(of, name, of)),
  });
  const { stdout, exitCode } = await saidOn({ host: { ...host, disk } }, app.folder, ['doctor']);
  assert.equal(exitCode, 7);
  assert.match(stdout, /^✗ permissions: .*\/data\/.*read-only/m);
});
