import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import {
  startMediaServer,
  type MediaServer,
} from '../../examples/social-download-manager/media-server/server.ts';
import type { Client } from '../../examples/social-download-manager/test/client.ts';
import { Managed } from '../scenario/managed.ts';
import { download, historyOf, setUp, signIn } from '../scenario/people.ts';
import { realExecutable } from './executable.ts';
import { copyTree, removeTree } from './notes-application.ts';
import { readTrace, type Strike, type TracedAct } from './strike.ts';

/** What Social Download Manager shows, asked over HTTP, and which release it is. */
export interface Shown {
  readonly release: string;
  readonly history: readonly string[];
}

/** One command on the real releases: its beginning can be brought back, and both its ends are known. */
export interface SdmStage {
  readonly name: string;
  readonly argv: readonly string[];
  readonly template: string;
  readonly before: Shown;
  /** Equal to `before` where the switch is taken back. */
  readonly after: Shown;
  /** What the command does when nothing befalls it. */
  readonly acts: readonly TracedAct[];
}

/** How a killed command came to its end. */
export interface SdmOutcome {
  readonly wasKilled: boolean;
  /** Exit code of the `resume` that nothing befell. */
  readonly exitCode: number | null;
  readonly shown: Shown;
}

interface Scope {
  after(clean: () => void | Promise<void>): void;
}

/** A release that dies at its start: the upgrade to it is undone. */
const deadRelease = '2.0.0-dead';

/** Social Download Manager, used from release to release, and stopped before each command that is to be killed. */
export class SdmStages {
  readonly #managed: Managed;
  readonly #media: MediaServer;
  readonly #client: Client;

  private constructor(managed: Managed, media: MediaServer) {
    this.#managed = managed;
    this.#media = media;
    this.#client = managed.client();
  }

  static async open(scope: Scope): Promise<SdmStages> {
    const media = await startMediaServer();
    scope.after(() => media.close());
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    managed.addChanged(
      deadRelease,
      '2.0.0',
      (server) =>
        `if (!process.argv.includes('migrate')) process.exit(9);\n${server.replace(/^#!.*/, '')}`,
    );
    return new SdmStages(managed, media);
  }

  /**
   * Every command that switches, in the order in which one makes the beginning of the next. Each is done when the next is
   * asked for. A stage's template is removed by `discard`.
   */
  async *each(): AsyncGenerator<SdmStage> {
    await this.#start();
    await setUp(this.#client);
    await this.#download('one', 'two');
    const { id } = await this.#managed.document('snapshot');
    assert(typeof id === 'string');
    await this.#download('after-the-snapshot');
    yield await this.#stage('restore', ['restore', '--at', id, '--live', '--yes']);
    yield await this.#stage('undone upgrade', ['upgrade', '--to', deadRelease, '--yes'], 4);
    yield await this.#stage('upgrade', ['upgrade', '--to', '2.0.0', '--yes']);
    await this.#download('three');
    const renamed = await this.#client.patch('/api/downloads/1', { title: 'Renamed under 2.0.0' });
    assert.equal(renamed.status, 200, renamed.text);
    yield await this.#stage('rollback', ['rollback', '--yes']);
    await this.#download('four');
    yield await this.#stage('return', ['return', '--release-hold', '--yes']);
  }

  /** From the stage's beginning: the command, killed; `resume`; and what the application shows then. */
  async kill(stage: SdmStage, strike: Strike): Promise<SdmOutcome> {
    await this.#bringBack(stage);
    const said = await realExecutable(this.#managed.folder, stage.argv, { strike });
    const resumed = await this.#managed.backstep('resume');
    return {
      wasKilled: said.signal === 'SIGKILL',
      exitCode: resumed.code,
      shown: await this.#shown(),
    };
  }

  discard({ template }: SdmStage): void {
    removeTree(template);
  }

  /** From the running application on; leaves it as after the command. */
  async #stage(name: string, words: readonly string[], exitCode = 0): Promise<SdmStage> {
    const { folder } = this.#managed;
    const argv = [...words, '--json'];
    const before = await this.#shown();
    await this.#managed.document('service', 'stop');
    const template = `${folder}-${name.replaceAll(' ', '-')}`;
    copyTree(folder, template);
    const trace = `${folder}-trace`;
    try {
      await this.#start();
      const whole = await realExecutable(folder, argv, { trace });
      assert.equal(whole.code, exitCode, whole.stdout + whole.stderr);
      const acts = readTrace(trace);
      return { name, argv, template, before, after: await this.#shown(), acts };
    } finally {
      rmSync(trace, { force: true });
    }
  }

  async #bringBack({ template }: SdmStage): Promise<void> {
    await this.#managed.document('service', 'stop');
    removeTree(this.#managed.folder);
    copyTree(template, this.#managed.folder);
    await this.#start();
  }

  /** As a person who signs in sees it: a session need not outlive a switch. */
  async #shown(): Promise<Shown> {
    await signIn(this.#client);
    const { release } = await this.#managed.document('status');
    return { release: String(release), history: await historyOf(this.#client) };
  }

  async #download(...names: readonly string[]): Promise<void> {
    const links = names.map((name) => `${this.#media.origin}/file/${name}.mp4?size=5000`);
    await signIn(this.#client);
    await download(this.#client, links);
  }

  async #start(): Promise<void> {
    await this.#managed.document('service', 'start');
    const deadline = Date.now() + 120_000;
    while (!(await this.#isReady())) {
      assert.ok(Date.now() < deadline, 'the application does not answer');
      await wait(50);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await this.#client.get('/healthz')).status === 200;
    } catch (error) {
      assert.ok(error instanceof Error);
      return false;
    }
  }
}
