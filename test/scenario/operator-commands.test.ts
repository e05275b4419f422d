import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { SmallApplication } from './small-application.ts';

/** The document of a command that must end with 0. */
function json(app: SmallApplication, ...argv: string[]): ReturnType<typeof JSON.parse> {
  const { exitCode, stdout, stderr } = app.backstep(...argv, '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(stdout);
}

test('releases are added, listed, checked and marked', (t) => {
  const app = new SmallApplication(t);
  assert.equal(json(app, 'release', 'add', '1.0.0', '1.0.0').isInPlace, true);
  assert.equal(json(app, 'release', 'add', '2.0.0', '2.0.0').isInPlace, false);
  const again = app.backstep('release', 'add', '2.0.0', '2.0.0');
  assert.equal(again.exitCode, 3);
  assert.match(again.stderr, /release 2\.0\.0 lies in .* already/);
  const bad = json(app, 'release', 'mark-bad', '2.0.0', '--reason', 'it loses notes');
  assert.deepEqual(
    bad.holds.map(({ release }: { release: string }) => release),
    ['2.0.0'],
  );
  const refused = app.backstep('upgrade', '--to', '2.0.0', '--yes');
  assert.equal(refused.exitCode, 3);
  assert.match(refused.stderr, /2\.0\.0 is on hold since .*: it loses notes/);
  assert.deepEqual(json(app, 'release', 'mark-good', '2.0.0').holds, []);
  assert.equal(json(app, 'release', 'mark-good', '1.0.0').lastGood, '1.0.0');
  assert.equal(app.backstep('release', 'mark-good', '3.0.0').exitCode, 3);
  const [first, second] = json(app, 'release', 'list');
  assert.deepEqual([first.version, first.is], ['1.0.0', ['running', 'last good']]);
  assert.deepEqual([second.version, second.is, second.hold], ['2.0.0', [], null]);
  const kept = app.path('releases/2.0.0/migrate.mjs');
  chmodSync(kept, 0o644);
  writeFileSync(kept, 'altered');
  const checked = app.backstep('release', 'list', '--check');
  assert.equal(checked.exitCode, 7);
  assert.match(checked.stdout, /2\.0\.0 is not as it was added: .*migrate\.mjs/);
});

test('a snapshot is taken, listed, checked and restored beside what is live', (t) => {
  const app = new SmallApplication(t);
  app.backstep('release', 'add', '1.0.0', '1.0.0');
  const { id } = json(app, 'snapshot', '--label', 'before the import');
  app.sql(`UPDATE notes SET body = 'later'`);
  const [listed] = json(app, 'snapshots');
  assert.deepEqual([listed.id, listed.label], [id, 'before the import']);
  assert.equal(json(app, 'snapshot', 'check', id).isSound, true);
  json(app, 'restore', '--at', id, '--into', 'back', '--asset', 'notes');
  assert.deepEqual(app.rows('SELECT body FROM notes WHERE id = 1', 'back/notes.db'), [['note 1']]);
  assert.deepEqual(app.rows('SELECT body FROM notes WHERE id = 1'), [['later']]);
  const newest = json(app, 'restore', '--at', '2999-01-01T00:00:00Z', '--into', 'whole');
  assert.equal(newest.snapshot, id);
  assert.deepEqual(readdirSync(app.path('whole')).sort(), ['notes', 'release', 'settings']);
  for (const [argv, says, exitCode] of [
    [['--at', id, '--into', 'back'], /is not an empty folder/, 3],
    [['--at', '2001-01-01T00:00:00Z', '--into', 'x'], /no snapshot was taken by 2001/, 3],
    [['--at', 'yesterday', '--into', 'x'], /neither a snapshot nor a time/, 2],
    [['--at', id, '--into', 'x', '--asset', 'note'], /did you mean notes\?/, 2],
    [['--at', id], /--into FOLDER is needed/, 2],
  ] as const) {
    const refused = app.backstep('restore', ...argv);
    assert.match(refused.stderr, says);
    assert.equal(refused.exitCode, exitCode);
  }
  const object = objectOf(app.path('state/store/objects'), 8192);
  chmodSync(object, 0o600);
  writeFileSync(object, 'altered');
  const checked = app.backstep('snapshot', 'check');
  assert.equal(checked.exitCode, 7);
  assert.match(checked.stdout, /NOT SOUND[\s\S]* is damaged: assets\/notes\/notes\.db in /);
});

test('runs are in the history, can be inspected, and what they parked is shown', (t) => {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) app.backstep('release', 'add', version, version);
  assert.match(app.backstep('history').stdout, /no run is on record/);
  assert.equal(app.backstep('inspect').exitCode, 3);
  json(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql(`INSERT INTO notes VALUES (41, 'mine', 'completed', 'red')`);
  const { run } = json(app, 'rollback', '--yes', '--reason', 'it is bad');
  const [up, back] = json(app, 'history');
  assert.deepEqual([up.kind, up.from, up.to, up.result], ['upgrade', '1.0.0', '2.0.0', 'upgraded']);
  assert.deepEqual([back.run, back.result, back.reason], [run, 'rolled-back', 'it is bad']);
  assert.ok(back.downtimeMs >= 0 && back.phases.length === 10 && back.endedAt > back.at);
  const inspected = json(app, 'inspect', run);
  assert.equal(inspected.recovery, 'none');
  assert.deepEqual(
    inspected.units.filter((unit: { isLive: boolean }) => !unit.isLive),
    [],
  );
  assert.match(app.backstep('inspect', `${run.slice(0, -1)}x`).stderr, /did you mean rollback-/);
  const [parked] = json(app, 'parked', 'list');
  assert.deepEqual([parked.asset, parked.what, parked.count], ['notes', 'notes.color', 1]);
  assert.match(app.backstep('parked', 'show', run).stdout, /"value": "red"/);
  assert.equal(app.backstep('parked', 'show', '--asset', 'settings').exitCode, 3);
  const manifest = app.read('backstep.yaml');
  app.write('backstep.yaml', manifest.replace(`notes.db' }`, `notes.db', secret: [notes.color] }`));
  const shown = app.backstep('parked', 'show', run);
  assert.equal(shown.exitCode, 0, shown.stderr);
  assert.match(shown.stdout, /"value": "\(secret\)"/);
  assert.doesNotMatch(shown.stdout, /red/);
});

test('an interrupted run is shown with what would finish and what would undo it', (t) => {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) app.backstep('release', 'add', version, version);
  const { run } = json(app, 'upgrade', '--to', '2.0.0', '--yes');
  const journal = `state/journal/${run}.jsonl`;
  const lines = app.read(journal).split('\n');
  const cut = lines.findIndex((line) => line.includes('"begun","phase":"place"'));
  app.write(journal, `${lines.slice(0, cut).join('\n')}\n`);
  const [unit] = JSON.parse(app.read(`state/runs/${run}/staged.json`)).moves;
  mkdirSync(dirname(unit.staged), { recursive: true });
  symlinkSync('2.0.0', unit.staged);
  const { exitCode, stdout } = app.backstep('inspect');
  assert.equal(exitCode, 7);
  assert.match(
    stdout,
    /INTERRUPTED in commit; it was committed; `backstep resume` finishes placing/,
  );
  assert.ok(stdout.includes(`mv -n -- '${unit.staged}' '${unit.live}'`), stdout);
  const refused = app.backstep('snapshot');
  assert.equal(refused.exitCode, 3);
  assert.match(refused.stderr, /was interrupted, so what lies live is no whole state/);
});

/** The path of a stored object of this size. */
function objectOf(folder: string, sizeBytes: number): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );
  const found = paths.find((path) => statSync(path).isFile() && statSync(path).size === sizeBytes);
  assert.ok(found !== undefined);
  return found;
}
