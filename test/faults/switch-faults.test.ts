import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import type { Disk } from '../../src/host/disk.ts';
import type { Host } from '../../src/host/host.ts';
import { nodeHost } from '../../src/host/node.ts';
import { accountOf } from '../crash/account.ts';
import type { Executable } from '../crash/executable.ts';
import { inProcess, inProcessOn } from '../crash/in-process.ts';
import { removeTree, type NotesApplication } from '../crash/notes-application.ts';
import { manifestText } from '../crash/notes-releases.ts';
import { sceneNamed } from '../crash/scenes.ts';
import type { Strike } from '../crash/strike.ts';
import { setUp, tryOnce, wasKilled, type Stage } from '../crash/trial.ts';

const yearMs = 365 * 24 * 3_600_000;

/** What a machine, its clock and its other programs do to a rollback while it runs. */
describe('a rollback on a machine that is not as it should be', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-faults-'));
  let stage: Stage;
  after(() => removeTree(folder));
  before(async () => {
    const wishes = { port: null, executable: inProcess };
    stage = await setUp(join(folder, 'rollback'), sceneNamed('rollback'), wishes);
  });

  test('a clock that jumps back and forth during a run changes nothing', async () => {
    let reads = 0;
    const jumps = (): number => {
      reads += 1;
      return Date.now() + (reads % 2 === 0 ? 10 : -10) * yearMs;
    };
    const outcome = await tryOnce(stage, { strikes: [], executable: withClock(jumps) });
    assert.deepEqual([outcome.losses, outcome.end], [[], 'after']);
    assert.ok(reads > 2);
  });

  test('a clock that was set back between an upgrade and its rollback changes nothing', async () => {
    const past = withClock(() => Date.now() - 20 * yearMs);
    const strikes: Strike[] = [{ how: 'kill', phase: 'settle', at: 3 }];
    const outcome = await tryOnce(stage, { strikes, executable: past });
    assert.deepEqual([outcome.losses, outcome.end], [[], 'after']);
  });

  for (const [phase, end] of [
    ['displace', 'before'],
    ['settle', 'after'],
  ] as const) {
    test(`a clock that is set back by a day between a kill in ${phase} and its resume changes nothing`, async () => {
      const yesterday = withClock(() => Date.now() - 86_400_000);
      let ran = 0;
      const executable: Executable = (cwd, argv, fate) => {
        ran += 1;
        return (ran === 1 ? inProcess : yesterday)(cwd, argv, fate);
      };
      const strikes: Strike[] = [{ how: 'kill', phase, at: 4 }];
      const outcome = await tryOnce(stage, { strikes, executable, goesOn: true });
      assert.deepEqual([outcome.losses, outcome.end], [[], end]);
      assert.ok(ran > 1 && wasKilled(outcome));
    });
  }

  for (const how of ['EXDEV', 'EACCES', 'EROFS'] as const) {
    test(`${how} for every rename and write of a folder takes the run back`, async () => {
      const strikes: Strike[] = [
        { how, phase: 'displace', at: 1, on: '/displaced/notes/0', lasts: true },
      ];
      const outcome = await tryOnce(stage, { strikes, executable: inProcess });
      assert.deepEqual([outcome.losses, outcome.end], [[], 'before']);
      assert.equal(outcome.said[0]?.code, 4);
    });
  }

  for (const mode of ['DELETE', 'WAL'] as const) {
    test(`a row that another program writes in the middle is kept and told (${mode})`, async () => {
      stage.app.bringBack(stage.template);
      hookBeforeCommit(stage.app, mode);
      stage.app.executable = inProcess;
      const said = await stage.app.must(0, 'rollback', '--yes', '--json');
      const { late } = reported.parse(JSON.parse(said.stdout));
      const [first] = late;
      assert.ok(first !== undefined, said.stdout);
      const kept = new DatabaseSync(first.path.replace(/-(wal|shm|journal)$/, ''));
      const found = kept.prepare('SELECT body FROM notes WHERE id > 41').all();
      kept.close();
      assert.deepEqual(
        found.map((row) => row['body']),
        ['acknowledged in the middle'],
      );
      const placed = await accountOf(stage.app);
      assert.deepEqual(placed.rows, stage.ends['after']?.rows);
    });
  }

  test('a WAL of another database that appears at the place of the database is moved aside', async () => {
    const wal = join(folder, 'foreign-wal');
    foreignWal(wal);
    const host = nodeHost();
    const rename = (from: string, to: string): void => {
      if (to === stage.app.path('data/notes.db')) cpSync(wal, `${to}-wal`);
      host.disk.rename(from, to);
    };
    const executable = inProcessOn({ ...host, disk: { ...host.disk, rename } });
    const outcome = await tryOnce(stage, { strikes: [], executable });
    assert.deepEqual(outcome.losses.filter(isAboutRows), [], outcome.said[0]?.stdout);
  });

  test('a file that another program makes while the state is staged is told and kept', async () => {
    stage.app.bringBack(stage.template);
    let isMade = false;
    const make = (path: unknown): void => {
      if (isMade || typeof path !== 'string' || !path.includes('/staged/settings')) return;
      isMade = true;
      stage.app.write('data/attachments/late.txt', 'late\n');
    };
    const host = nodeHost();
    const disk = watched(host.disk, make);
    stage.app.executable = inProcessOn({ ...host, disk });
    const said = await stage.app.must(0, 'rollback', '--yes', '--json');
    assert.ok(isMade);
    const { late } = reported.parse(JSON.parse(said.stdout));
    assert.deepEqual(
      late.map(({ path }) => readFileSync(path, 'utf8')),
      ['late\n'],
    );
  });

  test('what a late writer does to a displaced file is told and kept', async () => {
    const host = nodeHost();
    const rename = (from: string, to: string): void => {
      host.disk.rename(from, to);
      if (to.endsWith('/displaced/settings/0')) appendFileSync(to, ' ');
    };
    stage.app.bringBack(stage.template);
    stage.app.executable = inProcessOn({ ...host, disk: { ...host.disk, rename } });
    const said = await stage.app.must(0, 'rollback', '--yes', '--json');
    assert.match(said.stdout, /"late":\s*\[\s*\{\s*"asset":\s*"settings"/);
  });

  test('what a connection that is open across the rename commits into the displaced file is told and kept', async () => {
    const host = nodeHost();
    const database = stage.app.path('data/notes.db');
    const rename = (from: string, to: string): void => {
      if (from !== database) return host.disk.rename(from, to);
      const connection = new DatabaseSync(database);
      connection.exec('PRAGMA journal_mode = WAL; SELECT count(*) FROM notes');
      host.disk.rename(from, to);
      connection.exec("INSERT INTO notes (body, state) VALUES ('across the rename', 'completed')");
      connection.close();
    };
    stage.app.bringBack(stage.template);
    stage.app.executable = inProcessOn({ ...host, disk: { ...host.disk, rename } });
    const said = await stage.app.must(0, 'rollback', '--yes', '--json');
    const { late } = reported.parse(JSON.parse(said.stdout));
    assert.ok(late[0] !== undefined, said.stdout);
    const kept = new DatabaseSync(late[0].path.replace(/-(wal|shm|journal)$/, ''));
    const found = kept.prepare('SELECT body FROM notes WHERE id > 41').all();
    kept.close();
    assert.deepEqual(
      found.map((row) => row['body']),
      ['across the rename'],
    );
    const placed = await accountOf(stage.app);
    assert.deepEqual(placed.rows, stage.ends['after']?.rows);
  });

  test('a displaced file that another program holds open is told and kept', async (t) => {
    const host = nodeHost();
    const database = stage.app.path('data/notes.db');
    const held = join(folder, 'held');
    let holder: ChildProcess | undefined;
    t.after(() => holder?.kill('SIGKILL'));
    const rename = (from: string, to: string): void => {
      if (from === database) holder = holdOpen(from, held);
      host.disk.rename(from, to);
    };
    stage.app.bringBack(stage.template);
    stage.app.executable = inProcessOn({ ...host, disk: { ...host.disk, rename } });
    const said = await stage.app.must(0, 'rollback', '--yes', '--json');
    const { late, warnings } = reported.parse(JSON.parse(said.stdout));
    assert.deepEqual(
      late.map(({ path }) => existsSync(path)),
      [true],
    );
    assert.ok(warnings.join().includes(`pid ${holder?.pid} `), said.stdout);
  });
});

/** Returns once another program has the file open; it ends with this one's, or when it is killed. */
function holdOpen(path: string, said: string): ChildProcess {
  const source = `require('node:fs').openSync(process.argv[1], 'r+');
    require('node:fs').writeFileSync(process.argv[2], '');
    process.stdin.resume().on('end', () => process.exit(0));`;
  const child = spawn(process.execPath, ['-e', source, path, said], { stdio: 'pipe' });
  const rest = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 6000 && !existsSync(said); tries += 1) Atomics.wait(rest, 0, 0, 10);
  assert.ok(existsSync(said), 'the file was not opened');
  return child;
}

/** A disk whose every act tells what it is about, before it is done. */
function watched(disk: Disk, tell: (argument: unknown) => void): Disk {
  return new Proxy(disk, {
    get: (target, name, receiver) => {
      const act: unknown = Reflect.get(target, name, receiver);
      if (typeof act !== 'function') return act;
      return (...given: unknown[]): unknown => {
        for (const argument of given) tell(argument);
        return Reflect.apply(act, target, given);
      };
    },
  });
}

const reported = z.object({
  late: z.array(z.object({ path: z.string() })),
  warnings: z.array(z.string()),
});

/** What lies about on purpose is no loss: strays and late files are kept. */
function isAboutRows(line: string): boolean {
  return !line.includes('leftovers:');
}

function withClock(now: () => number): ReturnType<typeof inProcessOn> {
  const host: Host = nodeHost();
  return inProcessOn({ ...host, clock: { ...host.clock, now } });
}

/** Another program, in the middle: after everything is staged it writes a note that its user is told is kept, and dies. */
function hookBeforeCommit(app: NotesApplication, mode: 'WAL' | 'DELETE'): void {
  app.write(
    'writer.mjs',
    `import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
const db = new DatabaseSync('${app.path('data/notes.db')}');
db.exec('PRAGMA journal_mode = ${mode}; PRAGMA wal_autocheckpoint = 0');
db.exec("INSERT INTO notes (body, state) VALUES ('acknowledged in the middle', 'completed')");
appendFileSync('${app.path('acknowledged')}', 'acknowledged in the middle\\n');
process.kill(process.pid, 'SIGKILL');
`,
  );
  const run = JSON.stringify([
    '/bin/sh',
    '-c',
    `${process.execPath} ${app.path('writer.mjs')}; true`,
  ]);
  const more = `hooks: { before-commit: { run: ${run}, timeout: 60s } }`;
  app.write('backstep.yaml', manifestText({ port: null, more }));
}

/** A whole and valid WAL, of a database that is none of the application's. */
function foreignWal(into: string): void {
  const path = `${into}.db`;
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
    CREATE TABLE foreign_rows (x); INSERT INTO foreign_rows VALUES (zeroblob(20000))`);
  cpSync(`${path}-wal`, into);
  db.close();
}
