import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { nodeHost } from '../../src/host/node.ts';
import { phases, type Phase } from '../../src/switch/phases.ts';
import { realExecutable } from './executable.ts';
import { inProcess } from './in-process.ts';
import { removeTree } from './notes-application.ts';
import { sceneNamed } from './scenes.ts';
import type { Strike } from './strike.ts';
import { setUp, tryOnce, type Outcome, type Stage, type TrialWishes } from './trial.ts';
import { expectations, refusals, type Expectation } from './phase-expectations.ts';

const journalLine = z.object({
  event: z.string(),
  phase: z.string().optional(),
  result: z.string().optional(),
});

/**
 * Made from the list of phases: in each, a kill, an error, and (where anything in it can wait) a hang. Each asserts the
 * exact list of states in the journal, the result, the exit code, and that every row and file is accounted for. The
 * expectations are written down phase by phase, apart from the product's own table. An error that lasts as long as the
 * phase may leave any state behind; once it is over, `resume` finds its way from there.
 */
describe('every phase of a rollback', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-phases-'));
  let stage: Stage;
  after(() => removeTree(folder));
  before(async () => {
    const { network } = nodeHost();
    const port = await network.freePort();
    const undone = await setUp(join(folder, 'undone'), sceneNamed('rollback that is undone'), {
      port,
      executable: inProcess,
    });
    const whole = await setUp(join(folder, 'whole'), sceneNamed('rollback'), {
      port,
      executable: inProcess,
    });
    const { after: end } = undone.ends;
    assert.ok(end !== undefined);
    stage = { ...whole, ends: { ...whole.ends, undone: end } };
  });

  for (const phase of phases) {
    const { killed, hang } = expectations[phase];
    test(`Killed_in_${phase}`, async () => {
      const outcome = await tryIn(stage, {
        strikes: [{ how: 'kill', phase, at: 3 }],
        executable: realExecutable,
      });
      assert.equal(outcome.said[0]?.signal, 'SIGKILL');
      requireAsExpected(outcome, killed, outcome.resumed.code);
    });
    for (const how of refusals) {
      test(`Error_in_${phase}: ${how}`, async () => {
        const outcome = await tryIn(stage, {
          strikes: [{ how, phase, at: 3 }],
          executable: inProcess,
        });
        requireAsExpected(outcome, expectations[phase].error, outcome.said[0]?.code);
      });
    }
    test(`Lasting_error_in_${phase}`, async () => {
      const strikes: Strike[] = [{ how: 'EIO', phase, at: 3, lasts: true }];
      const outcome = await tryIn(stage, { strikes, executable: inProcess });
      if (outcome.said[0]?.code === 0) assert.equal(outcome.end, 'after');
    });
    test(`Hang_in_${phase}`, async () => {
      if (hang.kind === 'cannot') {
        assert.deepEqual(waitsIn(stage, phase), [], hang.why);
        return;
      }
      const { port } = stage.app;
      const outcome = await tryIn(stage, {
        strikes: [],
        spoil: (app) => hang.spoil(app, port),
        executable: realExecutable,
      });
      requireAsExpected(outcome, hang.comesTo, outcome.said[0]?.code);
    });
  }
});

interface Ran extends Outcome {
  readonly states: readonly string[];
}

async function tryIn(stage: Stage, wishes: TrialWishes): Promise<Ran> {
  const outcome = await tryOnce(stage, wishes);
  assert.deepEqual(outcome.losses, []);
  return { ...outcome, states: statesOf(stage) };
}

/** The lines of the journal of the run that the trial began. */
function statesOf({ app, template }: Stage): string[] {
  const known = readdirSync(join(template, 'state/journal'));
  const folder = app.path('state/journal');
  const [first] = readdirSync(folder).filter(
    (name) => !known.includes(name) && name.startsWith('rollback'),
  );
  assert.ok(first !== undefined && existsSync(join(folder, first)));
  const lines = readFileSync(join(folder, first), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const { event, phase, result } = journalLine.parse(JSON.parse(line));
    return [event, phase ?? result].filter((word) => word !== undefined).join(' ');
  });
}

function requireAsExpected(
  ran: Ran,
  expected: Expectation,
  exitCode: number | null | undefined,
): void {
  assert.deepEqual(ran.states, expected.states);
  assert.equal(ran.end, expected.end);
  assert.equal(exitCode, expected.exitCode);
}

/** Acts of a phase that wait for something else than the disk. */
function waitsIn({ acts }: Stage, phase: Phase): string[] {
  const waits = new Set(['run', 'spawn', 'signal', 'signalGroup']);
  return acts.filter((act) => act.phase === phase && waits.has(act.name)).map(({ name }) => name);
}
