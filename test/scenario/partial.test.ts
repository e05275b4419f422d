import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SmallApplication } from './small-application.ts';

const migration = `import { readFileSync, writeFileSync } from 'node:fs';
for (const name of ['colors', 'sounds']) {
  const file = process.argv[2] + '/' + name + '.json';
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...settings, format: 2 }, null, 2) + '\\n');
}
`;

/** Upgraded, with one file of user settings changed since in each of two documents. */
function upgraded(t: TestContext): SmallApplication {
  const app = new SmallApplication(t);
  app.write('backstep.yaml', app.read('backstep.yaml').replace('[settings.json]', `['*.json']`));
  app.write('2.0.0/migrate.mjs', migration);
  for (const name of ['colors', 'sounds']) app.write(`data/${name}.json`, '{\n  "volume": 1\n}\n');
  for (const version of ['1.0.0', '2.0.0']) app.backstep('release', 'add', version, version);
  const up = app.backstep('upgrade', '--to', '2.0.0', '--yes');
  assert.equal(up.exitCode, 0, up.stderr);
  for (const name of ['colors', 'sounds']) {
    app.write(`data/${name}.json`, '{\n  "volume": 9,\n  "format": 2\n}\n');
  }
  return app;
}

test('one file of an asset is rolled back, with what was changed since; the rest and the release stay', (t) => {
  const app = upgraded(t);
  const back = app.backstep('rollback', '--only', 'settings:colors.json', '--yes', '--json');
  assert.equal(back.exitCode, 0, back.stdout + back.stderr);
  const { assets } = JSON.parse(back.stdout);
  assert.deepEqual(Object.keys(assets), ['settings']);
  assert.deepEqual(assets.settings.carried, { inserted: 0, updated: 1, deleted: 0 });
  assert.deepEqual(JSON.parse(app.read('data/colors.json')), { volume: 9 });
  assert.deepEqual(JSON.parse(app.read('data/sounds.json')), { volume: 9, format: 2 });
  const status = JSON.parse(app.backstep('status', '--json').stdout);
  assert.deepEqual([status.release, status.holds], ['2.0.0', []]);
});

test('one path of a document is rolled back, and its other paths stay as they are now', (t) => {
  const app = upgraded(t);
  app.write('data/colors.json', '{"volume": 9, "format": 3, "mine": true}');
  const only = 'settings:colors.json#format';
  const back = app.backstep('rollback', '--only', only, '--yes', '--json');
  assert.equal(back.exitCode, 0, back.stdout + back.stderr);
  const { settings } = JSON.parse(back.stdout).assets;
  assert.deepEqual(
    settings.parked.map(({ what }: { what: string }) => what),
    ['settings/colors.json#format'],
  );
  assert.deepEqual(settings.carried, { inserted: 0, updated: 0, deleted: 0 });
  assert.deepEqual(JSON.parse(app.read('data/colors.json')), { volume: 9, mine: true });
  assert.deepEqual(JSON.parse(app.read('data/sounds.json')), { volume: 9, format: 2 });
});

test('one table of a database is rolled back, with what was changed since; the other tables stay', async (t) => {
  const app = new SmallApplication(t);
  app.sql('CREATE TABLE tags (id INTEGER PRIMARY KEY, word TEXT)');
  app.sql(`INSERT INTO tags VALUES (1, 'a')`);
  app.write(
    '2.0.0/migrate.mjs',
    app
      .read('2.0.0/migrate.mjs')
      .replace('ALTER TABLE', 'ALTER TABLE tags ADD COLUMN color TEXT; ALTER TABLE'),
  );
  for (const argv of [
    ['release', 'add', '1.0.0', '1.0.0'],
    ['release', 'add', '2.0.0', '2.0.0'],
    ['upgrade', '--to', '2.0.0', '--yes'],
  ]) {
    const { exitCode, stderr } = app.backstep(...argv);
    assert.equal(exitCode, 0, stderr);
  }
  app.sql(
    `INSERT INTO notes VALUES (41, 'mine', 'completed', 'red'); INSERT INTO tags VALUES (2, 'b', 'blue')`,
  );
  const back = app.backstep('rollback', '--only', 'notes:notes', '--yes', '--json');
  assert.equal(back.exitCode, 0, back.stdout + back.stderr);
  const { notes } = JSON.parse(back.stdout).assets;
  assert.deepEqual(notes.carried, { inserted: 1, updated: 0, deleted: 0 });
  assert.deepEqual(notes.parked, [{ what: 'notes.color', count: 1, why: 'blind' }]);
  assert.deepEqual(app.rows('SELECT * FROM notes WHERE id > 39'), [
    [40, 'note 40', 'done'],
    [41, 'mine', 'done'],
  ]);
  assert.deepEqual(app.rows('SELECT * FROM tags'), [
    [1, 'a', null],
    [2, 'b', 'blue'],
  ]);
  assert.equal(JSON.parse(app.backstep('status', '--json').stdout).release, '2.0.0');
});

test('what may not be split is refused with nothing touched', (t) => {
  const app = upgraded(t);
  for (const [only, says] of [
    ['setings', /no asset setings/],
    ['settings:none.json', /settings has no file or folder none\.json/],
    ['notes:none', /table none: the wanted release has none of that name/],
    ['settings:colors.json#none', /colors\.json#none is there neither before the upgrade nor now/],
  ] as const) {
    const refused = app.backstep('rollback', '--only', only, '--yes');
    assert.equal(refused.exitCode, 3, refused.stdout + refused.stderr);
    assert.match(refused.stderr, says);
  }
  const together = app.read('backstep.yaml').replace(`['*.json']`, `['*.json'], together: [notes]`);
  app.write('backstep.yaml', together);
  for (const only of ['settings', 'notes', 'settings:colors.json']) {
    const refused = app.backstep('rollback', '--only', only, '--yes');
    assert.equal(refused.exitCode, 3, refused.stdout + refused.stderr);
    assert.match(refused.stderr, /the manifest declares them together/);
  }
  assert.deepEqual(JSON.parse(app.read('data/colors.json')), { volume: 9, format: 2 });
});
