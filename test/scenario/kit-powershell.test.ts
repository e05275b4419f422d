import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { SmallApplication } from './small-application.ts';

const kit = join(import.meta.dirname, '../../kit');

/** Upgraded and used, with a kit. */
function upgraded(t: TestContext): SmallApplication {
  const app = new SmallApplication(t);
  const must = (...argv: string[]): void => {
    const { exitCode, stdout, stderr } = app.backstep(...argv);
    assert.equal(exitCode, 0, `${argv.join(' ')}\n${stdout}\n${stderr}`);
  };
  must('release', 'add', '1.0.0', '1.0.0');
  must('release', 'add', '2.0.0', '2.0.0');
  must('upgrade', '--to', '2.0.0', '--yes');
  app.sql(`INSERT INTO notes (body, state, color) VALUES ('under two \u00e9', 'completed', 'red');
    UPDATE notes SET body = 'changed' WHERE id = 3; DELETE FROM notes WHERE id = 4`);
  return app;
}

/** What the script is told of a database. */
const database = z.object({
  asset: z.string(),
  live: z.string(),
  source: z.object({
    kind: z.literal('database'),
    before: z.array(z.string()),
    after: z.array(z.string()),
    compiled: z.object({ script: z.string(), asks: z.string() }),
  }),
});

/** The body of a function in the PowerShell scripts. */
function bodyOf(name: string): string {
  const code = readFileSync(join(kit, 'plain.ps1'), 'utf8');
  const [, body = ''] = new RegExp(`^function ${name}\\b.*\\{\\n([^]*?)^\\}`, 'm').exec(code) ?? [];
  assert.notEqual(body, '', name);
  return body;
}

/** PowerShell is not here: its files and its words for sqlite3 are, so they are made and run as it would. */
test('what PowerShell lays down and runs carries the rows of a database', (t) => {
  if (spawnSync('sqlite3', ['-version']).error !== undefined) {
    t.skip('sqlite3 is not installed');
    return;
  }
  const app = upgraded(t);
  const { units } = z
    .object({ units: z.array(z.unknown()) })
    .parse(JSON.parse(app.read('state/kit/facts.json')));
  const [unit] = units.flatMap((each) => database.safeParse(each).data ?? []);
  assert.ok(unit !== undefined);
  const { source } = unit;
  assert.match(source.compiled.asks, /^\d+\.\d+\.\d+$/);

  const made = app.path('made');
  mkdirSync(made);
  const assemble = (hashes: readonly string[], name: string): void => {
    const objects = hashes.map((hash) =>
      readFileSync(app.path(`state/store/objects/${hash.slice(0, 2)}/${hash.slice(2)}`)),
    );
    writeFileSync(join(made, name), Buffer.concat(objects));
  };
  assemble(source.before, 'before.db');
  assemble(source.after, 'after.db');
  copyFileSync(join(made, 'before.db'), join(made, 'result.db'));
  for (const end of ['', '-wal', '-journal']) {
    if (existsSync(unit.live + end)) copyFileSync(unit.live + end, join(made, `now.db${end}`));
  }
  const merge = bodyOf('Merge-Rows');
  for (const name of readdirSync(made))
    assert.ok(merge.includes(name.replace(/-(wal|journal)$/, '')), name);
  const [, list = ''] = /ArgumentList = @\((.*)\)/.exec(merge) ?? [];
  const words = [...list.matchAll(/'([^']*)'/g)].map(([, word = '']) =>
    word.replace(/^NUL$/, '/dev/null'),
  );
  const input = readFileSync(app.path(`state/kit/${source.compiled.script}`));
  const ran = spawnSync('sqlite3', words, { cwd: made, input, encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(rowsIn(join(made, 'result.db')), [
    [3, 'changed', 'done'],
    [41, 'under two é', 'done'],
  ]);
  assert.ok(existsSync(join(made, 'parked.db')));
});

function rowsIn(path: string): unknown {
  const sql =
    'SELECT json_group_array(json_array(id, body, state)) FROM notes WHERE id IN (3, 4, 41)';
  const { stdout, stderr } = spawnSync('sqlite3', [path, sql], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

test('PowerShell leaves what Backstep takes over by under the names that the shell uses', () => {
  const shell = readFileSync(join(kit, 'plain.sh'), 'utf8');
  const written = bodyOf('New-Database');
  for (const end of ['placed.db', 'parked.db', 'carried']) {
    assert.ok(shell.includes(`$asset.${end}`), end);
    assert.ok(written.includes(`"$asset.${end}"`), end);
  }
  const order = [
    '"$asset.parked.db"',
    '-Destination $placed',
    '-Destination $Path',
    '"$asset.carried"',
  ];
  const merged = written.slice(written.indexOf('elseif (Merge-Rows'));
  const places = order.map((text) => merged.indexOf(text));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  assert.ok(places.every((place) => place >= 0));
});

test('what the PowerShell scripts read of facts.json stands in it, numbered as in the table that Backstep takes over by', (t) => {
  const app = upgraded(t);
  const facts: unknown = JSON.parse(app.read('state/kit/facts.json'));
  const code = readdirSync(kit)
    .filter((name) => name.endsWith('.ps1'))
    .map((name) => readFileSync(join(kit, name), 'utf8'))
    .join('');
  const read = [...code.matchAll(/\$Facts\.([A-Za-z.]*[A-Za-z])/g)].map(([, path = '']) => path);
  assert.ok(new Set(read).size > 10, 'the scripts read more than that');
  const at = (value: unknown, path: string): unknown =>
    path.split('.').reduce<unknown>((found, name) => {
      return typeof found === 'object' && found !== null ? Reflect.get(found, name) : found;
    }, value);
  // Null is an answer: nothing asks this application whether it is ready.
  const missing = read.filter((path) => at(facts, path) === undefined);
  assert.deepEqual(missing, []);
  const units = at(facts, 'units');
  assert.ok(Array.isArray(units));
  const told = units.map((unit, index) => [
    String(index + 1),
    at(unit, 'source.kind'),
    at(unit, 'root'),
    at(unit, 'live'),
  ]);
  const table = app.read('state/kit/units.tsv').trimEnd().split('\n');
  const rows = table.map((line) => line.split('\t'));
  assert.deepEqual(
    told,
    rows.map((row) => [row[0], row[2], ...row.slice(-2)]),
  );
});
