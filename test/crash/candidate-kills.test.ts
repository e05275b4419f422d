/** Killed while the new release runs on a copy of the state (`migrate: { start, until: healthy }`). */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../examples/social-download-manager/test/patience.ts';
import { nodeHost } from '../../src/host/node.ts';
import type { ProcessIdentity } from '../../src/host/processes.ts';
import { accountOf, differences } from './account.ts';
import { mainFile } from './executable.ts';
import { inProcess } from './in-process.ts';
import { killBefore, nameOf } from './kill-points.ts';
import { removeTree } from './notes-application.ts';
import {
  candidatesAlive,
  candidateStates,
  endCandidates,
  startedUpgrade,
  type CandidateState,
} from './started-upgrade.ts';
import type { TracedAct } from './strike.ts';
import { setUp, tryOnce, wasKilled, type Stage } from './trial.ts';

describe(
  'killed while the new release migrates a copy by its start',
  { concurrency: false },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'backstep-candidate-kills-'));
    let stage: Stage;
    let bystander: ChildProcess;
    before(async () => {
      const wishes = { port: null, executable: inProcess };
      stage = await setUp(join(folder, 'started'), startedUpgrade, wishes);
      bystander = await startBystander(stage, join(folder, 'bystander/app'));
    });
    after(() => {
      endCandidates(stage.app.folder);
      endCandidates(join(folder, 'bystander/app'));
      removeTree(folder);
    });

    test('at each act from before its start to after its end: it is gone, nothing is lost', async (t) => {
      const acts = actsOnCandidate(stage.acts);
      assert.ok(acts.length >= 10, `${acts.length} acts`);
      const ends: string[] = [];
      for (const act of acts) {
        const point = `${nameOf(killBefore(act))} ${act.name} ${act.path}`;
        const outcome = await tryOnce(stage, { strikes: [killBefore(act)], executable: inProcess });
        assert.deepEqual(outcome.losses, [], point);
        assert.ok(wasKilled(outcome), `${point} was not reached`);
        assert.deepEqual(candidatesAlive(stage.app.folder), [], point);
        ends.push(outcome.end ?? '');
      }
      assert.deepEqual([...new Set(ends)], ['before']);
      assert.equal(bystander.exitCode ?? bystander.signalCode, null);
      t.diagnostic(`tried: ${acts.length} kill points`);
    });

    for (const state of candidateStates) {
      test(`${state}: the next command ends it, its supervisor and its child, and nothing was touched`, async () => {
        stage.app.bringBack(stage.template);
        await killWhile(stage, state);
        assert.equal(candidatesAlive(stage.app.folder).length, 3);
        await resumedAsBefore(stage);
        assert.equal(bystander.exitCode ?? bystander.signalCode, null);
      });
    }

    const stale: Readonly<Record<string, (living: ProcessIdentity) => ProcessIdentity>> = {
      'the pid was given out again': (living) => ({ ...living, startTicks: living.startTicks - 1 }),
      'the machine was booted since': (living) => ({ ...living, bootId: crypto.randomUUID() }),
    };
    for (const [what, recorded] of Object.entries(stale)) {
      test(`${what}: another program that has the recorded pid is left alone`, async () => {
        stage.app.bringBack(stage.template);
        await killWhile(stage, 'migrating');
        await endEverything(stage);
        const living = nodeHost().processes.identify(bystander.pid ?? 0);
        assert.ok(living !== null);
        record(stage, recorded(living));
        await resumedAsBefore(stage);
        assert.equal(bystander.exitCode ?? bystander.signalCode, null);
      });
    }
  },
);

/** From the making of its folder to its removal. */
function actsOnCandidate(acts: readonly TracedAct[]): readonly TracedAct[] {
  const isOn = ({ path }: TracedAct): boolean => path.includes('/state/candidate');
  return acts.slice(acts.findIndex(isOn), acts.findLastIndex(isOn) + 1);
}

/** The same program on other data: nothing tells it from a candidate but who started it. */
async function startBystander({ app, template }: Stage, folder: string): Promise<ChildProcess> {
  cpSync(join(template, 'data'), join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'hold'), 'started');
  const program = app.path('built/2.0.0/candidate.mjs');
  const argv = [program, join(folder, 'data'), '0'];
  const child = spawn(process.execPath, argv, { cwd: folder, stdio: 'ignore' });
  await eventually(() => existsSync(join(folder, 'reached')), true);
  return child;
}

/** Ends the command by SIGKILL once the release that it started has come so far. */
async function killWhile({ app, scene }: Stage, state: CandidateState): Promise<void> {
  app.write('hold', state);
  const command = spawn(process.execPath, [mainFile, ...scene.command(app)], {
    cwd: app.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(command, 'close');
  const said = text(command.stderr);
  await eventually(() => existsSync(app.path('reached')) || command.exitCode !== null, true);
  command.kill('SIGKILL');
  await closed;
  assert.equal(command.signalCode, 'SIGKILL', await said);
}

/** As a loss of power ends them: nobody is left to write down how it went. */
async function endEverything(stage: Stage): Promise<void> {
  const { supervisor } = recordOf(stage);
  process.kill(supervisor.pid, 'SIGKILL');
  endCandidates(stage.app.folder);
  const { processes } = nodeHost();
  await eventually(() => processes.isAlive(supervisor), false);
  await eventually(() => candidatesAlive(stage.app.folder), []);
}

function recordFile({ app }: Stage): string {
  const [name] = readdirSync(app.path('state/candidate')).filter((each) => each.startsWith('run-'));
  assert.ok(name !== undefined);
  return app.path(`state/candidate/${name}`);
}

function recordOf(stage: Stage): { readonly supervisor: ProcessIdentity } {
  return JSON.parse(readFileSync(recordFile(stage), 'utf8'));
}

function record(stage: Stage, identity: ProcessIdentity): void {
  const changed = { ...recordOf(stage), supervisor: identity, child: identity, state: 'running' };
  writeFileSync(recordFile(stage), JSON.stringify(changed));
}

async function resumedAsBefore(stage: Stage): Promise<void> {
  const { app, ends } = stage;
  const resumed = await app.backstep(['resume']);
  assert.equal(resumed.code, 4, resumed.stdout + resumed.stderr);
  assert.deepEqual(candidatesAlive(app.folder), []);
  assert.equal(existsSync(app.path('state/candidate')), false);
  assert.ok(ends['before'] !== undefined);
  assert.deepEqual(differences(await accountOf(app), ends['before']), []);
}
