/** Several applications, or several places of one, and a state folder. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { accountOf, differences } from '../crash/account.ts';
import { inProcess } from '../crash/in-process.ts';
import { copyTree, NotesApplication, removeTree } from '../crash/notes-application.ts';

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-shared-state-'));
  t.after(() => removeTree(folder));
  return folder;
}

/** Its state is where the manifest says: relative to its folder, or not. */
function application(folder: string, state: string): NotesApplication {
  const app = new NotesApplication(folder, { port: null }, inProcess);
  const manifest = readFileSync(app.path('backstep.yaml'), 'utf8');
  assert.match(manifest, /^state: state$/m);
  app.write('backstep.yaml', manifest.replace('state: state', `state: ${state}`));
  return app;
}

/** An application that is used elsewhere: only the folder is another. */
function at(folder: string, app: NotesApplication): NotesApplication {
  return Object.assign(Object.create(app), { folder });
}

const releases = ['1.0.0', '2.0.0'] as const;
const upgrade = ['upgrade', '--to', '2.0.0', '--yes'] as const;
const rollback = ['rollback', '--yes'] as const;

for (const how of ['by the same path', 'over a link'] as const) {
  test(`a second application that names the state folder of the first, ${how}, is refused`, async (t) => {
    const folder = temporary(t);
    const shared = join(folder, 'shared');
    const first = application(join(folder, 'first'), shared);
    const named = how === 'over a link' ? join(folder, 'link/shared') : shared;
    const second = application(join(folder, 'second'), named);
    await first.addReleases(releases);
    if (how === 'over a link') symlinkSync(folder, join(folder, 'link'));
    await first.must(0, ...upgrade);
    first.sql(`INSERT INTO notes VALUES (41, 'of the first', 'completed', 'red')`);
    second.sql(`INSERT INTO notes VALUES (41, 'of the second', 'done')`);
    const strike = { how: 'kill', phase: 'place', at: 2 } as const;
    assert.equal((await first.backstep(rollback, { strike })).signal, 'SIGKILL');

    const added = ['release', 'add', '1.0.0', 'built/1.0.0'];
    for (const command of [added, [...rollback], ['resume'], ['snapshot']]) {
      const refused = await second.must(3, ...command);
      assert.match(refused.stderr, /switch\/shared-state/);
      assert.ok(refused.stderr.includes(first.path('backstep.yaml')), refused.stderr);
    }
    second.sql(`UPDATE notes SET body = 'still of the second' WHERE body = 'of the second'`);

    await first.must(0, 'resume');
    const { release, rows, leftovers } = await accountOf(first);
    assert.match(release, /1\.0\.0/);
    assert.ok(rows.some((row) => row.includes('of the first')));
    assert.ok(!rows.some((row) => row.includes('of the second')));
    assert.deepEqual(leftovers, []);
  });
}

test('an application that is moved with its state folder goes on, as does a copy of both', async (t) => {
  const folder = temporary(t);
  const original = application(join(folder, 'original'), 'state');
  await original.addReleases(releases);
  await original.must(0, ...upgrade);
  const before = await accountOf(original);
  copyTree(original.folder, join(folder, 'copy'));
  const copy = at(join(folder, 'copy'), original);
  const goesOn = async (app: NotesApplication): Promise<void> => {
    await app.must(0, 'snapshot');
    assert.deepEqual(differences(await accountOf(app), before), []);
  };
  await goesOn(copy);
  renameSync(original.folder, join(folder, 'moved'));
  await goesOn(at(join(folder, 'moved'), original));
  await goesOn(copy);
});
