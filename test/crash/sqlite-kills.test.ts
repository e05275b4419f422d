import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { databaseCalls } from './database-calls.ts';
import { inProcess } from './in-process.ts';
import { removeTree } from './notes-application.ts';
import { sceneNamed } from './scenes.ts';
import { killedAt, whyNoTrace } from './system-calls.ts';
import { setUp, tryOnce } from './trial.ts';

/** Of the system calls on databases, spread evenly over the whole command. */
const points = 4;

/**
 * Ended by SIGKILL in the middle of what SQLite itself does: at counted system calls on a database, its journal or its
 * WAL. A release's migration writes too, and may be what is struck: that is a refusal.
 */
describe('killed at a system call of SQLite', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-system-calls-'));
  after(() => removeTree(folder));

  for (const [turn, name] of (['upgrade', 'rollback'] as const).entries()) {
    test(`${name}: nothing is lost`, async (t) => {
      const why = whyNoTrace();
      if (why !== null) {
        t.skip(why);
        return;
      }
      const wishes = { port: null, executable: inProcess };
      const stage = await setUp(join(folder, name), sceneNamed(name), wishes);
      const calls = await databaseCalls(stage, points);
      const chosen = evenly(calls, points, turn / 2);
      let killed = 0;
      for (const call of chosen) {
        const outcome = await tryOnce(stage, { strikes: [], executable: killedAt(call) });
        const point = `${call.name}:${call.nth} ${call.path}`;
        assert.deepEqual(outcome.losses, [], point);
        const [struck] = outcome.said;
        if (struck?.signal === 'SIGKILL') killed += 1;
        else assert.equal(struck?.code, 4, point);
      }
      assert.ok(killed > 0, 'none of them was reached');
      t.diagnostic(`tried: ${killed} kill points`);
    });
  }
});

/** So many of them, from a part of a step on. */
function evenly<T>(all: readonly T[], count: number, from: number): T[] {
  const step = all.length / count;
  return Array.from({ length: count }, (_, n) => all[Math.floor((n + from) * step)]).filter(
    (each) => each !== undefined,
  );
}
