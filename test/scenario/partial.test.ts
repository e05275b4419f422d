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

test('what may not be split is refused with nothing touched', (t) => {
  const app = upgraded(t);
  for (const [only, says] of [
    ['setings', /no asset setings/],
    ['settings:none.json', /settings has no file or folder none\.json/],
    ['notes:notes', /an asset of kind sqlite is rolled back whole/],
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
