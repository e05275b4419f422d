import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from '../../examples/social-download-manager/test/client.ts';
import { eventually } from '../../examples/social-download-manager/test/patience.ts';
import { openReleases, type ReleaseShelf } from '../../src/asset/releases.ts';
import { nodeHost } from '../../src/host/node.ts';

const example = join(import.meta.dirname, '../../examples/social-download-manager');
const main = join(import.meta.dirname, '../../src/main.ts');

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that stands still at one point of the switch. */
export interface Hold {
  /** Resolves once a run is there. */
  readonly reached: () => Promise<void>;
  /** Runs go on from there, and do not wait there again. */
  readonly letGo: () => void;
}

interface Scope {
  after(clean: () => void | Promise<void>): void;
}

/** Social Download Manager under Backstep, in a temporary folder with a free port of its own. */
export class Managed {
  readonly folder = mkdtempSync(join(tmpdir(), 'backstep-scenario-'));
  readonly port: number;

  private constructor(port: number) {
    this.port = port;
  }

  /** Installed, not started; the first of the releases is in its place. */
  static async install(scope: Scope, releases: readonly [string, ...string[]]): Promise<Managed> {
    const managed = new Managed(await nodeHost().network.freePort());
    scope.after(() => managed.close());
    managed.#writeManifest();
    cpSync(join(example, 'reversals'), join(managed.folder, 'reversals'), { recursive: true });
    const root = join(managed.folder, 'run/releases');
    mkdirSync(root, { recursive: true });
    mkdirSync(join(managed.folder, 'run/data'), { mode: 0o700 });
    for (const version of releases)
      managed.#shelf().add({ version, folder: join(example, version) });
    symlinkSync(releases[0], join(root, 'current'));
    return managed;
  }

  /**
   * Adds a release made from another one, with its `server.ts` changed. Its shapes are those of the
   * original, so the original's reversal serves for it.
   */
  addChanged(version: string, from: string, change: (server: string) => string): void {
    const folder = join(this.folder, `made-${version}`);
    cpSync(join(example, from), folder, { recursive: true });
    const server = join(folder, 'server.ts');
    writeFileSync(server, change(readFileSync(server, 'utf8')));
    this.#shelf().add({ version, folder });
    const reversal = readFileSync(join(example, 'reversals', `${from}-to-1.2.1.yaml`), 'utf8');
    const own = reversal.replace(`from: ${from}`, `from: ${version}`);
    writeFileSync(join(this.folder, 'reversals', `${version}-to-1.2.1.yaml`), own);
  }

  #shelf(): ReleaseShelf {
    const root = join(this.folder, 'run/releases');
    const state = join(this.folder, 'run/backstep');
    return openReleases(nodeHost(), { root, layout: 'symlink', state });
  }

  get data(): string {
    return join(this.folder, 'run/data');
  }

  client(): Client {
    return new Client(`http://127.0.0.1:${this.port}`);
  }

  /** Runs one command to its end. */
  async backstep(...args: string[]): Promise<Said> {
    const child = this.begin(...args);
    assert(child.stdout !== null && child.stderr !== null);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    return { code: child.exitCode, stdout, stderr };
  }

  /** Runs one command that must succeed, and returns its document. */
  async document(...args: string[]): Promise<Record<string, unknown>> {
    const said = await this.backstep(...args, '--json');
    assert.equal(said.code, 0, `${args.join(' ')}\n${said.stdout}\n${said.stderr}`);
    const document: unknown = JSON.parse(said.stdout);
    assert(typeof document === 'object' && document !== null);
    return { ...document };
  }

  begin(...args: string[]): ChildProcess {
    return spawn(process.execPath, [main, ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** From now on runs wait at this point, however fast they are: a hook of the manifest does. */
  hold(point: 'before-commit' | 'after-commit'): Hold {
    const [held, reached] = ['held', 'reached'].map((name) => join(this.folder, name));
    assert(held !== undefined && reached !== undefined);
    writeFileSync(held, '');
    writeFileSync(join(this.folder, 'hold.mjs'), waiting);
    const path = join(this.folder, 'backstep.yaml');
    const manifest = readFileSync(path, 'utf8');
    const hook = `hooks: { ${point}: { run: '{node} hold.mjs', timeout: 30m } }\n`;
    writeFileSync(path, `${manifest}${hook}`);
    return {
      reached: () => eventually(() => existsSync(reached), true),
      letGo: () => {
        rmSync(held);
        writeFileSync(path, manifest);
      },
    };
  }

  async close(): Promise<void> {
    await this.backstep('service', 'stop');
    // Releases are frozen: only root could remove their files as they are.
    spawnSync('chmod', ['-R', 'u+w', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #writeManifest(): void {
    const manifest = readFileSync(join(example, 'backstep.yaml'), 'utf8');
    assert.match(manifest, /port: 8765/);
    assert.match(manifest, /within: 30s/);
    const own = manifest
      .replace('port: 8765', `port: ${this.port}`)
      .replace('within: 30s', 'within: 10m');
    writeFileSync(join(this.folder, 'backstep.yaml'), own);
  }
}

/** A hook that says that it was called, and ends once it may. */
const waiting = `import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
writeFileSync('reached', '');
while (existsSync('held')) await wait(20);
`;
