import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { Client } from '../../examples/social-download-manager/test/client.ts';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { nodeHost } from '../../src/host/node.ts';
import { download, historyOf, setUp } from './people.ts';

const example = join(import.meta.dirname, '../../examples/social-download-manager');
const main = join(import.meta.dirname, '../../src/main.ts');

interface Scope {
  after(clean: () => void | Promise<void>): void;
}

/** Social Download Manager as a person installs it by hand: `app`, `data`, and a server that they start. */
class ByHand {
  readonly folder = mkdtempSync(join(tmpdir(), 'backstep-by-hand-'));
  readonly #port: number;
  #server: ChildProcess | null = null;

  private constructor(port: number) {
    this.#port = port;
  }

  static async install(scope: Scope, version: string): Promise<ByHand> {
    const installed = new ByHand(await nodeHost().network.freePort());
    scope.after(() => installed.#remove());
    mkdirSync(installed.path('data'), { mode: 0o700 });
    installed.replaceProgram(version);
    return installed;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  client(): Client {
    return new Client(`http://127.0.0.1:${this.#port}`);
  }

  /** The program files of another version; old backups beside them stay, as the manual keeps them. */
  replaceProgram(version: string): void {
    mkdirSync(this.path('app'), { recursive: true });
    for (const name of readdirSync(this.path('app'))) {
      if (name !== 'backup') rmSync(join(this.path('app'), name), { recursive: true });
    }
    cpSync(join(example, version), this.path('app'), { recursive: true });
  }

  async start(): Promise<number> {
    const args = ['app/server.ts', '--data', 'data', '--port', String(this.#port)];
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#server = child;
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the server ended before it listened')));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('"listening"')) resolve();
      });
    });
    assert(child.pid !== undefined);
    return child.pid;
  }

  async stop(): Promise<void> {
    const child = this.#server;
    this.#server = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  /** Runs one command that must succeed, and returns its document. */
  async backstep(...args: string[]): Promise<ReturnType<typeof JSON.parse>> {
    const { code, stdout, stderr } = await this.#run(...args, '--json');
    assert.equal(code, 0, `${args.join(' ')}\n${stdout}\n${stderr}`);
    return JSON.parse(stdout);
  }

  async #run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code: child.exitCode, stdout, stderr };
  }

  async #remove(): Promise<void> {
    await this.stop();
    await this.#run('service', 'stop');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

test('Social Download Manager, upgraded by hand and used, goes back to 1.2.1 with its rows', async (t) => {
  const media = await startMediaServer();
  t.after(() => media.close());
  const link = (name: string): string => `${media.origin}/file/${name}.mp4?size=5000`;
  const sdm = await ByHand.install(t, '1.2.1');
  await sdm.start();
  const client = sdm.client();
  await setUp(client);
  await download(client, [link('one'), link('two'), link('three')]);
  await sdm.stop();
  cpSync(sdm.path('data'), sdm.path('old/config'), { recursive: true });
  for (const [from, to] of [
    ['old/config', 'data/backup/v1.2.1'],
    ['app', 'old/app'],
    ['old/app', 'app/backup/v1.2.1'],
  ] as const)
    cpSync(sdm.path(from), sdm.path(to), { recursive: true });
  await sdm.start();
  await download(client, [link('between')]);
  await client.patch('/api/downloads/1', { title: 'Renamed after the backup' });
  await sdm.stop();

  sdm.replaceProgram('2.0.0');
  const pid = await sdm.start();
  await download(client, [link('under-2')]);
  await client.patch('/api/downloads/2', { uiState: { pinned: true, expanded: false } });
  assert.equal((await client.delete('/api/downloads/3')).status, 204);
  assert.equal((await client.put('/api/preferences', { language: 'vi' })).status, 200);

  cpSync(join(example, 'reversals'), sdm.path('reversals'), { recursive: true });
  const { draft } = await sdm.backstep(
    'init',
    '--pid',
    String(pid),
    '--state',
    'kept',
    '--contact',
    'me@home.lan',
  );
  assert.equal(draft.releases.value.layout, 'in-place');
  assert.deepEqual(draft.service.value.run, [
    '{node}',
    '{release}/server.ts',
    '--data',
    '{data}',
    '--port',
    '{port}',
  ]);
  const named = draft.assets.map(({ name }: { name: string }) => name);
  assert.deepEqual(
    named,
    ['history', 'configuration', 'user-data', 'downloads'],
    'as the reversal files name them',
  );
  const documents = draft.assets.find(({ name }: { name: string }) => name === 'configuration');
  assert.deepEqual(documents.exclude, ['server.json'], 'it names the process that runs');
  await sdm.stop();
  const manifest = readFileSync(sdm.path('backstep.yaml'), 'utf8');
  writeFileSync(sdm.path('backstep.yaml'), manifest.replace('within: 30s', 'within: 10m'));
  await sdm.backstep('service', 'start');
  const adopted = await sdm.backstep('adopt', '--release', 'v1.2.1');
  assert.deepEqual(adopted.added, ['2.0.0', '1.2.1']);
  await download(client, [link('after-adopting')]);
  assert.equal((await sdm.backstep('plan')).way, 'synthesised');
  assert.deepEqual((await sdm.backstep('doctor')).findings, []);

  const back = await sdm.backstep('rollback', '--yes');
  assert.equal(back.result, 'rolled-back');
  assert.equal((await client.get('/healthz')).at('version'), '1.2.1');
  assert.deepEqual(await historyOf(client), [
    '1 Renamed after the backup done null',
    '2 two done {"pinned":true,"expanded":false}',
    '4 between done null',
    '5 under-2 done null',
    '6 after-adopting done null',
  ]);
  assert.equal((await client.get('/api/preferences')).at('language'), 'vi');
  assert.deepEqual((await sdm.backstep('doctor')).findings, []);
  assert.equal((await sdm.backstep('audit', 'verify')).finding, null);
});
