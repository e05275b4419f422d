import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { accountOf, differences, type Account } from './account.ts';
import { inProcess } from './in-process.ts';
import { removeTree } from './notes-application.ts';
import { goBackByScript, sceneNamed, type Scene } from './scenes.ts';
import { setUp, tryOnce, wasKilled } from './trial.ts';

const takeOver: Scene = {
  ...sceneNamed('carry'),
  name: 'take-over',
  command: () => ['resume'],
  prepare: goBackByScript,
};

/** How many of the acts of a take-over are struck. */
const strikeCount = 24;

const carry = sceneNamed('carry');

describe('after a rollback without Backstep, killed at an act of the disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-emergency-kills-'));
  after(() => removeTree(folder));
  const wishes = { port: null, executable: inProcess };

  test('it is taken over by the next command, as one run', async (t) => {
    const stage = await setUp(join(folder, 'take-over'), takeOver, wishes);
    const { acts, app } = stage;
    const stride = Math.ceil(acts.length / strikeCount);
    const struck = acts.filter(({ at }) => at % stride === 0 || at > acts.length - 4);
    for (const { at } of struck) {
      const strikes = [{ how: 'kill', at }] as const;
      const outcome = await tryOnce(stage, { strikes, executable: inProcess });
      assert.deepEqual(outcome.losses, [], `act ${at}`);
      assert.ok(wasKilled(outcome), `act ${at} was not reached`);
      assert.equal(outcome.end, 'after');
      const history = await app.must(0, 'history', '--json');
      const runs: { kind: string }[] = JSON.parse(history.stdout);
      const kinds = runs.map(({ kind }) => kind);
      assert.deepEqual(kinds, ['upgrade', 'rollback'], `act ${at}`);
    }
    t.diagnostic(`${struck.length} kill points of ${acts.length} acts`);
  });

  test('once it was started, an abort takes it back, and it can be carried again', async () => {
    const { app, ends, template } = await setUp(join(folder, 'abort'), carry, wishes);

    app.bringBack(template);
    const killed = { strike: { how: 'kill', phase: 'verify', at: 1 } } as const;
    assert.equal((await app.backstep(carry.command(app), killed)).signal, 'SIGKILL');
    await app.must(0, 'abort');
    const { before, after: carried } = ends;
    assert.ok(before !== undefined && carried !== undefined);
    // What a run parked stays with it, also where it was taken back.
    const unparked = (account: Account): Account => ({ ...account, parked: [] });
    const live = async (): Promise<Account> => unparked(await accountOf(app));
    assert.deepEqual(differences(await live(), unparked(before)), []);
    await app.must(0, ...carry.command(app));
    assert.deepEqual(differences(await live(), unparked(carried)), []);
    await app.must(0, 'return', '--release-hold', '--yes');
    const { settings, rows } = await accountOf(app);
    assert.deepEqual(settings, { language: 'vi', size: 2, format: 2 });
    assert.ok(rows.some((row) => row.includes('written under 2.0.0') && row.includes('red')));
    assert.ok(rows.some((row) => row.includes('under one')));
  });
});
