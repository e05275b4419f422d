import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { mainFile, type Executable } from '../crash/executable.ts';
import { removeTree } from '../crash/notes-application.ts';
import { manifestText } from '../crash/notes-releases.ts';
import { sceneNamed } from '../crash/scenes.ts';
import { setUp, tryOnce, type Stage } from '../crash/trial.ts';

/** `nobody` on every Linux. */
const nobody = 65_534;
const asNobody = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', process.execPath];

function whyNoAccount(): string | false {
  if (process.platform !== 'linux') return 'an account without rights is taken on Linux alone';
  const tried = spawnSync('setpriv', [...asNobody, mainFile, '--version']);
  if (tried.error !== undefined) return 'setpriv is not installed';
  return tried.status === 0 ? false : 'an account without rights cannot run Backstep from here';
}

/** The real executable as an account that the permissions of the disk hold for. */
const unprivileged: Executable = async (cwd, argv) => {
  const child = spawn('setpriv', [...asNobody, mainFile, ...argv], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
};

describe('an account without rights', { concurrency: false, skip: whyNoAccount() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-rights-'));
  let stage: Stage;
  after(() => removeTree(folder));
  before(async () => {
    chmodSync(folder, 0o755);
    stage = await setUp(join(folder, 'rollback'), sceneNamed('rollback'), { port: null });
  });

  function give(): void {
    const given = spawnSync('chown', ['-R', `${nobody}:${nobody}`, stage.app.folder]);
    assert.equal(given.status, 0, String(given.stderr));
  }

  test('its own application it rolls back', async () => {
    const outcome = await tryOnce(stage, { strikes: [], spoil: give, executable: unprivileged });
    assert.deepEqual([outcome.losses, outcome.end], [[], 'after']);
  });

  for (const name of ['data', 'releases', 'state/journal']) {
    test(`a folder that it may not write is refused before anything is touched: ${name}`, async () => {
      const spoil = (): void => {
        give();
        chmodSync(stage.app.path(name), 0o555);
      };
      const outcome = await tryOnce(stage, {
        strikes: [],
        spoil,
        afterStrike: () => chmodSync(stage.app.path(name), 0o755),
        executable: unprivileged,
      });
      assert.deepEqual([outcome.losses, outcome.end], [[], 'before']);
      const [said] = outcome.said;
      assert.equal(said?.code, 4, `${said?.stdout}${said?.stderr}`);
      assert.match(`${said.stdout}${said.stderr}`, /disk\/refused|EACCES/);
    });
  }

  test('a folder that it may no longer write in the middle takes the run back', async () => {
    const data = stage.app.path('data');
    const spoil = (): void => {
      const run = JSON.stringify(['/bin/chmod', '555', data]);
      const more = `hooks: { before-commit: { run: ${run}, timeout: 60s } }`;
      stage.app.write('backstep.yaml', manifestText({ port: null, more }));
      give();
    };
    const outcome = await tryOnce(stage, {
      strikes: [],
      spoil,
      afterStrike: () => chmodSync(data, 0o755),
      executable: unprivileged,
    });
    assert.deepEqual([outcome.losses, outcome.end], [[], 'before']);
    assert.equal(outcome.said[0]?.code, 4, outcome.said[0]?.stdout);
  });
});
