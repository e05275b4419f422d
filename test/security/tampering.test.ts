import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { groundOf, must, rolledBack, upgraded } from '../fuzz/switched-application.ts';
import { resealed } from '../fuzz/resealed.ts';
import { said } from '../scenario/said.ts';
import type { SmallApplication } from '../scenario/small-application.ts';

const limits = { timeout: 900_000 };

test('a release that was changed since it was added is not gone back to', limits, async (t) => {
  const app = await upgraded(t);
  const program = app.path('releases/1.0.0/migrate.mjs');
  chmodSync(program, 0o600);
  writeFileSync(program, 'process.exit(0);\n');
  chmodSync(program, 0o444);
  await refused(app, 'switch/no-release');
});

test('a program that was added to a release is noticed', limits, async (t) => {
  const app = await upgraded(t);
  chmodSync(app.path('releases/1.0.0'), 0o700);
  app.write('releases/1.0.0/node_modules/left-pad/index.js', '');
  await refused(app, 'switch/no-release');
});

test('an object with other bytes of the same size is not restored', limits, async (t) => {
  const app = await upgraded(t);
  for (const object of objects(app)) {
    const bytes = readFileSync(object);
    if (bytes.length === 0) continue;
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    overwrite(object, () => writeFileSync(object, bytes));
  }
  await refused(app, 'store/damaged');
});

test('two objects in the place of each other are not restored', limits, async (t) => {
  const app = await upgraded(t);
  const [first, ...others] = objects(app);
  assert(first !== undefined && others.length > 0);
  for (const other of others) overwrite(other, () => copyFileSync(first, other));
  await refused(app, 'store/damaged');
});

test('a line of a snapshot that was changed is noticed', limits, async (t) => {
  const app = await upgraded(t);
  for (const name of readdirSync(app.path('state/store/snapshots'))) {
    const file = `state/store/snapshots/${name}`;
    const changed = app.read(file).replace(/\t0[0-7]{3}\t/, '\t4777\t');
    assert.notEqual(changed, app.read(file));
    writeFileSync(app.path(file), changed);
  }
  await refused(app, 'store/torn');
});

test('nothing of a snapshot is restored outside of its target', limits, async (t) => {
  const app = await rolledBack(t);
  const { store } = groundOf(app);
  const id = store.list()[0]?.id;
  assert(id !== undefined);
  const file = `state/store/snapshots/${id}.txt`;
  const altered = app.read(file).replaceAll('\tassets/notes/', '\tassets/notes/../../');
  assert.notEqual(altered, app.read(file));
  writeFileSync(app.path(file), resealed(Buffer.from(altered)));
  const { exitCode, stdout } = await said(
    app.folder,
    'restore',
    '--at',
    id,
    '--into',
    'target',
    '--json',
  );
  assert.equal(exitCode, 3, stdout);
  assert.match(stdout, /store\/unsafe/);
  assert(!existsSync(app.path('target')) || readdirSync(app.path('target')).length === 0);
});

test('commands of the manifest are given to no shell', limits, async (t) => {
  const app = await upgraded(t);
  const manifest = app.read('backstep.yaml');
  const withCommand = (command: string): void => {
    const line = `migrate: { run: ${command} }`;
    app.write(
      'backstep.yaml',
      manifest.replace(/^migrate: .*$/m, () => line),
    );
  };
  withCommand("'{node} {release}/migrate.mjs {data} $(touch evil)'");
  const asText = await said(app.folder, 'upgrade', '--to', '3.0.0', '--yes');
  assert.match(asText.stderr, /no shell reads it/);

  const strange = ['$(touch evil)', '`touch evil`', '; touch evil', '* | touch evil'];
  withCommand(JSON.stringify(['{node}', '{release}/migrate.mjs', '{data}', ...strange]));
  app.write('3.0.0/migrate.mjs', writesArguments);
  await must(app, 'release', 'add', '3.0.0', '3.0.0');
  await must(app, 'upgrade', '--to', '3.0.0', '--yes');
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), { said: strange });
  const made = readdirSync(app.folder, { recursive: true }).map(String);
  assert.deepEqual(
    made.filter((name) => name.endsWith('evil')),
    [],
  );
});

const writesArguments = `import { writeFileSync } from 'node:fs';
const [data, ...said] = process.argv.slice(2);
writeFileSync(data + '/settings.json', JSON.stringify({ said }));
`;

/** Nothing of the live state was changed by a rollback that is refused. */
async function refused(app: SmallApplication, code: string): Promise<void> {
  const before = statSync(app.path('data/notes.db')).ino;
  const { exitCode, stdout } = await said(app.folder, 'rollback', '--yes', '--json');
  assert(exitCode === 3 || exitCode === 4, stdout);
  assert(stdout.includes(code), stdout);
  assert.equal(statSync(app.path('data/notes.db')).ino, before);
  assert.deepEqual(app.rows('SELECT count(*) FROM notes'), [[41]]);
}

function objects(app: SmallApplication): string[] {
  const folder = app.path('state/store/objects');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function overwrite(path: string, act: () => void): void {
  chmodSync(path, 0o600);
  act();
  chmodSync(path, 0o400);
}
