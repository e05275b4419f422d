import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { said } from './said.ts';
import { SmallApplication } from './small-application.ts';

const secretMigration = `import { DatabaseSync } from 'node:sqlite';
const db = new DatabaseSync(process.argv[2] + '/notes.db');
db.exec("ALTER TABLE notes ADD COLUMN color; ALTER TABLE notes ADD COLUMN token TEXT; CREATE TABLE labels (id INTEGER PRIMARY KEY, v)");
db.close();
`;

/** An application that was rolled back with cells and rows of every type parked. */
async function parked(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  app.write('2.0.0/migrate.mjs', secretMigration);
  const manifest = app
    .read('backstep.yaml')
    .replace(`path: '{data}/notes.db'`, `path: '{data}/notes.db', secret: [notes.token]`);
  app.write('backstep.yaml', manifest);
  const done = async (...argv: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await said(app.folder, ...argv);
    assert.equal(exitCode, 0, stdout + stderr);
  };
  await done('release', 'add', '1.0.0', '1.0.0');
  await done('release', 'add', '2.0.0', '2.0.0');
  await done('upgrade', '--to', '2.0.0', '--yes');
  app.sql(`UPDATE notes SET color = 'r"e, d' || char(10) || 'x' WHERE id = 3;
    UPDATE notes SET color = 9007199254740993 WHERE id = 4;
    UPDATE notes SET color = x'00ff', token = 'hush' WHERE id = 5;
    UPDATE notes SET color = CAST(x'61ff' AS TEXT) WHERE id = 6;
    INSERT INTO labels VALUES (1, 1.5), (2, NULL)`);
  await done('rollback', '--yes');
  return app;
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => Object(JSON.parse(line)));
}

test('JSON lines: one for each cell and row, with its exact value; secrets are hidden', async (t) => {
  const app = await parked(t);
  const { exitCode, stdout } = await said(app.folder, 'parked', 'export');
  assert.equal(exitCode, 0);
  const found = lines(stdout).map(({ run: _run, asset: _asset, ...rest }) => rest);
  const cell = (id: number, value: unknown, place = 'notes.color'): unknown => ({
    kind: 'cell',
    place,
    act: null,
    why: 'blind',
    key: { id },
    value,
    kept: null,
  });
  const row = (value: unknown): unknown => ({
    kind: 'row',
    place: 'labels',
    act: 'insert',
    why: 'blind',
    key: null,
    value,
    kept: null,
  });
  assert.deepEqual(found, [
    cell(3, 'r"e, d\nx'),
    cell(4, { integer: '9007199254740993' }),
    cell(5, { base64: 'AP8=' }),
    cell(6, { text: 'Yf8=' }),
    cell(5, '(secret)', 'notes.token'),
    row({ id: 1, v: 1.5 }),
    row({ id: 2, v: null }),
  ]);
  const open = await said(app.folder, 'parked', 'export', '--with-secrets');
  assert.ok(open.stdout.includes('"value":"hush"'));
  const shown = await said(app.folder, 'parked', 'show', '--json');
  assert.equal(shown.exitCode, 0, shown.stdout);
  assert.ok(shown.stdout.includes('"9007199254740993"'));
  assert.ok(!shown.stdout.includes('hush'));
});

test('CSV goes to a file for its owner alone, and never over another', async (t) => {
  const app = await parked(t);
  const argv = ['parked', 'export', '--format', 'csv', '-o', 'parked.csv'];
  const { exitCode, stdout } = await said(app.folder, ...argv, '--json');
  assert.equal(exitCode, 0);
  assert.equal(Object(JSON.parse(stdout)).records, 7);
  const text = app.read('parked.csv');
  const [head, first] = text.split('\r\n');
  assert.equal(head, 'run,asset,kind,place,act,why,key,value,kept');
  assert.match(
    first ?? '',
    /^rollback-[^,]+,notes,cell,notes\.color,,blind,"\{""id"":3\}","r""e, d\nx",$/,
  );
  assert.match(text, /,row,labels,insert,blind,,"\{""id"":2,""v"":null\}",\r\n$/);
  assert.equal(statSync(app.path('parked.csv')).mode & 0o777, 0o600);
  const again = await said(app.folder, ...argv);
  assert.equal(again.exitCode, 3);
  assert.equal(app.read('parked.csv'), text);
});

test('what was not parked is told', async (t) => {
  const app = await parked(t);
  const none = await said(app.folder, 'parked', 'export', '--asset', 'settings', '--json');
  assert.equal(none.exitCode, 3);
  assert.match(none.stdout, /has parked nothing of settings/);
});
