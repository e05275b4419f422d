import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, test } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { accountOf, differences } from './account.ts';
import { mainFile, realExecutable, type Executable } from './executable.ts';
import { inProcess } from './in-process.ts';
import { removeTree } from './notes-application.ts';
import { sceneNamed } from './scenes.ts';
import type { Strike } from './strike.ts';
import { setUp, tryOnce, type Stage } from './trial.ts';

/** What a signal reaches is a process of its own; the rest runs in this one. */
const signalled: Executable = (cwd, argv, fate) =>
  (fate.strike === undefined ? inProcess : realExecutable)(cwd, argv, fate);

/** A signal with every act of a phase: a person who presses Ctrl-C again and again, a terminal that closes. */
const again = (how: Strike['how'], phase: string): Strike => ({ how, phase, at: 1, lasts: true });

describe('a signal to the command', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-signals-'));
  const stages = new Map<string, Stage>();
  after(() => removeTree(folder));
  before(async () => {
    for (const name of ['rollback', 'rollback that is undone'] as const) {
      const port = await nodeHost().network.freePort();
      const wishes = { port, executable: inProcess };
      stages.set(name, await setUp(join(folder, name), sceneNamed(name), wishes));
    }
  });

  function stageOf(name: string): Stage {
    const stage = stages.get(name);
    assert.ok(stage !== undefined);
    return stage;
  }

  async function signal(name: string, strike: Strike): Promise<number | null> {
    const outcome = await tryOnce(stageOf(name), { strikes: [strike], executable: signalled });
    const [said] = outcome.said;
    const told = `${said?.stdout}${said?.stderr}`;
    assert.deepEqual(outcome.losses, [], told);
    assert.equal(said?.signal, null, told);
    assert.match(told, /interrupted: before its commit record/);
    return outcome.end === null ? null : said.code;
  }

  for (const [how, phase] of [
    ['SIGINT', '2.stage'],
    ['SIGTERM', '2.place'],
    ['SIGHUP', '2.start'],
  ] as const) {
    test(`${how} again and again in ${phase} of an undo does not end it`, async () => {
      assert.equal(await signal('rollback that is undone', again(how, phase)), 4);
    });
  }

  for (const how of ['SIGINT', 'SIGHUP'] as const) {
    test(`${how} again and again while the target starts: the run goes on to its end`, async () => {
      assert.equal(await signal('rollback', again(how, 'start')), 0);
    });
  }

  test('SIGTERM again and again before anything is moved takes the run back', async () => {
    assert.equal(await signal('rollback', again('SIGTERM', 'stage')), 130);
  });

  test('SIGINT while the command itself is being loaded ends it, with nothing touched', async () => {
    const { app, template, scene, ends } = stageOf('rollback');
    app.bringBack(template);
    app.executable = inProcess;
    await app.must(0, 'service', 'start');
    const child = spawn(process.execPath, [mainFile, ...scene.command(app)], {
      cwd: app.folder,
      stdio: 'ignore',
    });
    // At once: a command that was let go on for a second might be at its end.
    child.kill('SIGINT');
    child.kill('SIGINT');
    await once(child, 'exit');
    assert.notEqual(child.exitCode, 0);
    const { before: wanted } = ends;
    assert.ok(wanted !== undefined);
    await app.must(0, 'resume');
    await app.must(0, 'service', 'start');
    assert.deepEqual(differences(await accountOf(app), wanted), []);
    await app.must(0, 'service', 'stop');
  });
});
