import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../host/node.ts';
import { literal, nameOf } from './draft.ts';
import { kindOfFile } from './file-kind.ts';
import { scalar } from './manifest-text.ts';
import { lookAtProcess, unitOf } from './process-look.ts';
import { stateOf } from './state.ts';
import { startOf } from './unit-look.ts';
import { readDocument } from '../form/document.ts';

const { disk } = nodeHost();

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-init-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a file is what its content says: a database by its header, whatever its name', (t) => {
  const folder = scratch(t);
  const kindOf = (name: string, content: string | null, pids: readonly number[] = []): string => {
    const path = join(folder, name);
    if (content !== null) writeFileSync(path, content);
    const stat = disk.lstat(path);
    assert(stat !== null);
    const { kind, why } = kindOfFile(disk, path, { stat, pids });
    return kind === 'left-out' ? why : kind;
  };
  const db = new DatabaseSync(join(folder, 'history.log'));
  db.exec('CREATE TABLE t (x)');
  db.close();
  assert.equal(kindOf('history.log', null), 'sqlite');
  assert.equal(kindOf('notes.db', 'no database'), 'other');
  assert.equal(kindOf('config.json', '{ "a": 1 }'), 'json');
  assert.equal(kindOf('broken.json', '{ "a": '), 'other');
  assert.equal(
    kindOf('server.json', '{ "pid": 4711, "port": 80 }', [4711]),
    'names the running process',
  );
  assert.equal(kindOf('other.json', '{ "pid": 47110 }', [4711]), 'json');
  assert.equal(kindOf('app.log.1', 'x'), 'a log');
  assert.equal(kindOf('a.db-wal', 'x'), 'belongs to the database beside it');
  assert.equal(kindOf('run.lock', ''), 'a lock');
});

test('a running process is seen: its words, its folder, what it holds open and where it listens', async (t) => {
  const folder = scratch(t);
  const held = join(folder, 'held');
  writeFileSync(held, '');
  chmodSync(held, 0o600);
  const source = `require('fs').openSync(${JSON.stringify(held)}, 'a');
    require('net').createServer().listen(0, '127.0.0.1', function () {
      require('fs').writeFileSync(${JSON.stringify(`${held}.port`)}, String(this.address().port));
    });`;
  const host = nodeHost();
  const child = await host.processes.spawn(
    { argv: [process.execPath, '-e', source, 'a word'], cwd: folder },
    { detached: false, output: 'ignore' },
  );
  t.after(async () => {
    host.processes.signal(child.identity, 'SIGKILL');
    await child.exited;
  });
  while (!((disk.lstat(`${held}.port`)?.sizeBytes ?? 0) > 0)) await host.clock.sleep(20);
  const seen = lookAtProcess(host, child.identity.pid);
  assert.equal(seen.argv.at(-1), 'a word');
  assert.equal(seen.cwd, disk.realPath(folder));
  assert.deepEqual(seen.files.find(({ path }) => path.endsWith('/held'))?.isWritten, true);
  assert.deepEqual(
    seen.ports.map(String),
    [disk.openRead(`${held}.port`)].map((file) => {
      const bytes = Buffer.alloc(8);
      const count = file.read(bytes, 0);
      file.close();
      return bytes.subarray(0, count).toString();
    }),
  );
});

test('the state folder is that of the owner of what runs, whoever asks', async () => {
  const host = nodeHost();
  const system = {
    platform: 'linux',
    home: '/home/ann',
    env: { XDG_STATE_HOME: '/kept' },
  } as const;
  const own = disk.lstat('/proc/self')?.uid ?? 0;
  const stateFor = async (uid: number, said: string | null = null): Promise<string> => {
    const running = { pid: 1, pids: [1], argv: ['x'], cwd: '/', executable: '/x', uid };
    const looks = { ...running, files: [], ports: [], unit: null };
    const hints = { app: 'shop', said, running: looks, unit: null, paths: [] };
    return (await stateOf({ host, system }, hints)).value;
  };
  assert.equal(await stateFor(0), '/var/lib/backstep/shop');
  const listed = disk.lstat('/etc/passwd') === null ? '' : readFileSync('/etc/passwd', 'utf8');
  const lines = listed.split('\n').map((line) => line.split(':'));
  const other = lines.find(([, , id, , , home]) => id !== '0' && id !== String(own) && home !== '');
  assert(other !== undefined, 'there is another account');
  const home = other[5] ?? '';
  assert.equal(await stateFor(Number(other[2])), `${home}/.local/state/backstep/shop`);
  if (own !== 0) assert.equal(await stateFor(own), '/kept/backstep/shop');
  assert.equal(await stateFor(Number(other[2]), '/said'), '/said');
});

test('the unit of a process is read from its control group', () => {
  assert.deepEqual(unitOf('0::/system.slice/notes.service\n'), { name: 'notes', scope: 'system' });
  assert.deepEqual(
    unitOf('0::/user.slice/user-1000.slice/user@1000.service/app.slice/notes.service'),
    {
      name: 'notes',
      scope: 'user',
    },
  );
  assert.equal(unitOf('0::/user.slice/user-1000.slice/session-2.scope'), null);
  assert.equal(unitOf('0::/user.slice/user-1000.slice/user@1000.service'), null);
});

test('the command of a unit file is read with its quotes, continued lines and marks', () => {
  const text = `[Service]
WorkingDirectory=-/srv/notes
ExecStart=-/usr/bin/node /opt/notes/server.js \\
  --title "two words" --data /var/lib/notes
`;
  assert.deepEqual(startOf(text), {
    argv: [
      '/usr/bin/node',
      '/opt/notes/server.js',
      '--title',
      'two words',
      '--data',
      '/var/lib/notes',
    ],
    cwd: '/srv/notes',
  });
});

test('names and texts are written so that they are read as the same', () => {
  assert.deepEqual(
    ['User Data', '9-lives', 'ÄÖ', 'a'].map((text) => nameOf(text, ['a'])),
    ['user-data', 'lives', 'data', 'a-2'],
  );
  assert.equal(literal('/a{b}'), '/a{{b}}');
  for (const text of [
    'plain/a.b',
    'no',
    'true',
    'null',
    "it's",
    '{data}',
    'a: b',
    '# x',
    'tab\there',
    '12',
    '',
  ]) {
    assert.equal(Object(readDocument(`key: ${scalar(text)}\n`).value).key, text);
  }
});
