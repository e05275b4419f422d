import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { MergeRequest, MergeResult, Side } from '../../src/asset/asset.ts';
import { BackstepError } from '../../src/fault/backstep-error.ts';
import { readWhole } from '../../src/host/whole-file.ts';
import type { Reversal } from '../../src/law/reversal/reversal.ts';
import { Database } from '../../src/sqlite/database.ts';
import { openScene, type Scene } from './asset-scene.ts';

function reversalOf(part: Partial<Reversal>): Reversal {
  return {
    file: '/app/reversals/2.0.0-to-1.0.0.yaml',
    sha256: '0'.repeat(64),
    from: '2.0.0',
    to: '1.0.0',
    databases: {},
    documents: {},
    decide: {},
    positions: {},
    ...part,
  };
}

function text({ host }: Scene, side: Side, unit: string): string {
  return readWhole(host.disk, side.get(unit) ?? '').toString('utf8');
}

function change(scene: Scene, statements: string): void {
  const db = Database.open(scene.path('config/history.db'));
  db.exec(statements);
  db.close();
}

function rows(path: string | undefined, sql: string): unknown[] {
  const db = Database.open(path ?? '', { isClosed: true });
  try {
    return db.all(sql).map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}

const items = `CREATE TABLE item(id INTEGER PRIMARY KEY, title TEXT, kind TEXT);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
  INSERT INTO item SELECT i, 'title ' || i || hex(zeroblob(60)), 'a' FROM n`;

interface Pair {
  readonly scene: Scene;
  readonly base: Side;
  readonly origin: Side;
  readonly merge: (latest: Side, more?: Partial<MergeRequest>) => Promise<MergeResult>;
}

async function historyPair(scene: Scene): Promise<Pair> {
  scene.write('config/config.json', '{}');
  change(scene, items);
  const base = await scene.side('history');
  change(scene, `ALTER TABLE item ADD COLUMN extra TEXT DEFAULT 'new'`);
  const origin = await scene.side('history');
  return {
    scene,
    base,
    origin,
    merge: (latest, more) =>
      scene.asset('history').merge(scene.request({ base, origin, latest }, more)),
  };
}

test('a database is captured while it is written to, with the live file’s mode', async (t) => {
  const scene = openScene(t);
  scene.write('config/config.json', '{}');
  change(scene, `PRAGMA journal_mode = WAL; ${items}`);
  scene.host.disk.chmod(scene.path('config/history.db'), 0o640);
  const user = Database.open(scene.path('config/history.db'));
  t.after(() => user.close());
  user.exec(`UPDATE item SET title = 'in the WAL' WHERE id = 7`);
  assert.ok(scene.asset('history').live().has('history.db-wal'));
  const side = await scene.side('history', false);
  assert.deepEqual([...side.keys()], ['history.db']);
  assert.equal(scene.host.disk.lstat(side.get('history.db') ?? '')?.mode, 0o640);
  assert.deepEqual(rows(side.get('history.db'), 'SELECT title FROM item WHERE id = 7'), [
    { title: 'in the WAL' },
  ]);
  assert.deepEqual(scene.host.disk.list(scene.path('state/capturing')), []);
});

test('what waits in a WAL is folded in by settle, and captured with its file before', async (t) => {
  const scene = openScene(t);
  scene.write('config/config.json', '{}');
  change(scene, `PRAGMA journal_mode = WAL; ${items}`);
  const { disk } = scene.host;
  const user = Database.open(scene.path('config/history.db'));
  user.exec(`DELETE FROM item WHERE id > 3`);
  for (const suffix of ['', '-wal']) {
    disk.copy(scene.path(`config/history.db${suffix}`), scene.path(`config/kept${suffix}`));
  }
  user.close();
  for (const suffix of ['', '-wal']) {
    if (disk.lstat(scene.path(`config/history.db${suffix}`)) !== null) {
      disk.removeFile(scene.path(`config/history.db${suffix}`));
    }
    disk.rename(scene.path(`config/kept${suffix}`), scene.path(`config/history.db${suffix}`));
  }
  const unsettled = await scene.side('history');
  assert.deepEqual([...unsettled.keys()], ['history.db', 'history.db-wal']);
  scene.asset('history').settle();
  assert.deepEqual([...scene.asset('history').live().keys()], ['history.db']);
  const settled = await scene.side('history');
  assert.equal(rows(settled.get('history.db'), 'SELECT * FROM item').length, 3);
  const merged = await scene
    .asset('history')
    .merge(scene.request({ base: unsettled, origin: unsettled, latest: unsettled }));
  assert.deepEqual([...merged.units.keys()], ['history.db']);
  assert.equal(rows(merged.units.get('history.db'), 'SELECT * FROM item').length, 3);
});

test('a damaged database is salvaged: edits carried, unreadable rows kept, its bytes set aside', async (t) => {
  const { scene, merge } = await historyPair(openScene(t));
  change(
    scene,
    `UPDATE item SET title = 'mine' WHERE id = 902; DELETE FROM item WHERE id = 903;
     INSERT INTO item(id, title, kind) VALUES (5000, 'made', 'a')`,
  );
  const path = scene.path('config/history.db');
  const bytes = readWhole(scene.host.disk, path);
  const at = bytes.indexOf('title 1234');
  bytes.fill(0x5a, at - (at % 4096), at - (at % 4096) + 4096);
  writeFileSync(path, bytes);
  const asset = scene.asset('history');
  assert.equal((await asset.check(asset.live()))[0]?.status, 'error');
  const merged = await merge(await scene.side('history'));
  const result = merged.units.get('history.db');
  assert.deepEqual(rows(result, 'SELECT count(*) AS n FROM item'), [{ n: 2000 }]);
  assert.deepEqual(rows(result, 'SELECT id, title FROM item WHERE id IN (902, 903, 5000)'), [
    { id: 902, title: 'mine' },
    { id: 5000, title: 'made' },
  ]);
  assert.deepEqual(merged.outcome.carried, { inserted: 1, updated: 1, deleted: 1 });
  assert.match(merged.notes.join('\n'), /history: table item: \d+ rows were read, \d+ could not/);
  assert.ok(merged.parkedUnits.has('.parked/history.db.damaged'));
});

test('a database that is gone or cut to nothing is not taken for deleted', async (t) => {
  const { scene, base, merge } = await historyPair(openScene(t));
  const gone = await merge(new Map());
  assert.equal(gone.units.get('history.db'), base.get('history.db'));
  assert.match(gone.notes.join('\n'), /gone/);
  truncateSync(scene.path('config/history.db'), 100);
  const cut = await merge(await scene.side('history'));
  assert.deepEqual(rows(cut.units.get('history.db'), 'SELECT count(*) AS n FROM item'), [
    { n: 2000 },
  ]);
  assert.ok(cut.notes.length > 0);
});

test('a damaged target is refused by name', async (t) => {
  const { scene, base, merge } = await historyPair(openScene(t));
  change(scene, 'DELETE FROM item WHERE id = 1');
  const latest = await scene.side('history');
  const spoil = (path: string): void => {
    const bytes = readWhole(scene.host.disk, path);
    bytes.fill(0x5a, 4096, 12_288);
    writeFileSync(path, bytes);
  };
  const isRefused = (error: unknown): boolean =>
    error instanceof BackstepError && error.code === 'asset/damaged';
  spoil(base.get('history.db') ?? '');
  await assert.rejects(merge(latest), isRefused);
  spoil(latest.get('history.db') ?? '');
  await assert.rejects(merge(latest), isRefused);
});

test('damage above the limit is parked, below it carried; the manifest’s reversal is used', async (t) => {
  const { scene, merge } = await historyPair(openScene(t));
  change(scene, 'DELETE FROM item WHERE id > 1000');
  const merged = await merge(await scene.side('history'), {
    reversal: reversalOf({
      databases: { history: { tables: {}, rebuild: { none: ['SELECT 1'] } } },
    }),
  });
  assert.deepEqual(merged.damage['item'], {
    total: 2000,
    deleted: 1000,
    emptied: 0,
    overwritten: 0,
    parked: ['deleted'],
  });
  assert.equal(rows(merged.units.get('history.db'), 'SELECT * FROM item').length, 2000);
  const parked = merged.parkedUnits.get('.parked/history.db');
  assert.equal(scene.host.disk.lstat(parked ?? '')?.mode, 0o600);
  assert.equal(rows(parked, 'SELECT * FROM "rows:item"').length, 1000);
});

async function documents(
  scene: Scene,
  states: readonly (string | null)[],
  more: Partial<MergeRequest> = {},
): Promise<MergeResult> {
  const sides: Side[] = [];
  for (const state of states) {
    if (state === null) scene.host.disk.removeFile(scene.path('config/config.json'));
    else scene.write('config/config.json', state, 0o600);
    sides.push(await scene.side('documents'));
    scene.write('config/config.json', '');
  }
  const [base = new Map(), origin = new Map(), latest = new Map()] = sides;
  return scene.asset('documents').merge(scene.request({ base, origin, latest }, more));
}

test('a document that does not parse takes its base; its bytes are kept', async (t) => {
  const scene = openScene(t);
  scene.write('config/config.json', '');
  const merged = await documents(scene, ['{"a": 1}', '{"a": 1, "v": 2}', '{"a": 1, "v": ']);
  assert.equal(text(scene, merged.units, 'config.json'), '{"a": 1}');
  assert.equal(text(scene, merged.parkedUnits, '.parked/files/config.json'), '{"a": 1, "v": ');
  assert.deepEqual(merged.outcome.parked, [
    { what: 'documents/config.json', count: 1, why: 'damage' },
  ]);
  assert.match(merged.notes.join('\n'), /documents\/config\.json/);
});

test('a document of the new release alone is parked whole', async (t) => {
  const scene = openScene(t);
  scene.write('config/config.json', '');
  const merged = await documents(scene, [null, '{"new": 1}', '{"new": 2}']);
  assert.equal(merged.units.size, 0);
  assert.equal(text(scene, merged.parkedUnits, '.parked/files/config.json'), '{"new": 2}');
});

test('what was parked of a document comes back, and later edits win', async (t) => {
  const scene = openScene(t);
  scene.write('config/config.json', '');
  const states = [
    '{"theme": "dark"}',
    '{"theme": "dark", "ui": {"a": 1}}',
    '{"theme": "dark", "ui": {"a": 7}}',
  ];
  const back = await documents(scene, states);
  assert.equal(text(scene, back.units, 'config.json'), '{"theme": "dark"}');
  assert.deepEqual([...back.parkedUnits.keys()], ['.parked/values/config.json']);
  const side = async (state: string): Promise<Side> => {
    scene.write('config/config.json', state, 0o600);
    return scene.side('documents');
  };
  const [before, after, displaced] = [
    await side(states[0] ?? ''),
    await side(states[1] ?? ''),
    await side(states[2] ?? ''),
  ];
  const forth = await scene
    .asset('documents')
    .merge(
      scene.request(
        { base: displaced, origin: back.units, latest: await side('{"theme": "light"}') },
        { direction: 'forth', rolledBack: { before, after, parked: back.parkedUnits } },
      ),
    );
  assert.deepEqual(JSON.parse(text(scene, forth.units, 'config.json')), {
    theme: 'light',
    ui: { a: 7 },
  });
});

test('damage that was refused on the way back does not come back on the way forth', async (t) => {
  const scene = openScene(t);
  const keys = Array.from({ length: 30 }, (_none, n) => `k${n}`);
  const state = async (value: string, more: object): Promise<Side> => {
    const members = Object.fromEntries(keys.map((key) => [key, value]));
    scene.write('config/config.json', JSON.stringify({ ...members, ...more }), 0o600);
    return scene.side('documents');
  };
  const [before, after] = [await state('kept', {}), await state('kept', { v: 2 })];
  const displaced = await state('', { v: 2 });
  const asset = scene.asset('documents');
  const back = await asset.merge(scene.request({ base: before, origin: after, latest: displaced }));
  assert.deepEqual(back.damage['documents/config.json']?.parked, ['emptied']);
  const forth = await asset.merge(
    scene.request(
      { base: displaced, origin: back.units, latest: back.units },
      { direction: 'forth', rolledBack: { before, after, parked: back.parkedUnits } },
    ),
  );
  const result: unknown = JSON.parse(text(scene, forth.units, 'config.json'));
  assert.deepEqual(result, JSON.parse(text(scene, after, 'config.json')));
});

test('a link out of its asset is refused with its place, one within is kept', async (t) => {
  const scene = openScene(t);
  const { disk } = scene.host;
  scene.write('plugins/run/b', 'b');
  scene.write('secret', 'secret');
  disk.symlink('run', scene.path('plugins/folder'));
  disk.symlink('run/b', scene.path('plugins/inside'));
  assert.deepEqual([...scene.asset('plugins').live().keys()], ['folder', 'inside', 'run/b']);
  scene.write('plugins/a/b/c', 'c');
  disk.symlink('../..', scene.path('plugins/a/b/up'));
  for (const target of ['../secret', '../nothing', scene.path('secret'), 'a/b/up/../secret']) {
    disk.symlink(target, scene.path('plugins/out'));
    assert.throws(
      () => scene.asset('plugins').live(),
      (error) =>
        error instanceof BackstepError &&
        error.code === 'asset/link' &&
        error.message.includes('plugins/out'),
      target,
    );
    disk.removeFile(scene.path('plugins/out'));
  }
});

test('files: the user’s and the upgrade’s changes meet by name; what clashes is parked', async (t) => {
  const scene = openScene(t);
  scene.write('plugins/both', 'old');
  scene.write('plugins/mine', 'old', 0o644);
  scene.write('plugins/script', 'old', 0o644);
  const base = await scene.side('plugins');
  scene.write('plugins/both', 'new');
  scene.write('plugins/added-by-upgrade', 'new');
  scene.write('plugins/script', 'new', 0o644);
  const origin = await scene.side('plugins');
  scene.write('plugins/both', 'mine');
  scene.write('plugins/mine', 'old', 0o755);
  scene.write('plugins/script', 'new', 0o755);
  scene.write('plugins/fresh', 'mine');
  const latest = await scene.side('plugins');
  const merged = await scene.asset('plugins').merge(scene.request({ base, origin, latest }));
  assert.deepEqual([...merged.units.keys()].sort(), ['both', 'fresh', 'mine', 'script']);
  assert.equal(text(scene, merged.units, 'both'), 'old');
  assert.equal(scene.host.disk.lstat(merged.units.get('mine') ?? '')?.mode, 0o755);
  assert.equal(text(scene, merged.units, 'script'), 'old');
  assert.equal(scene.host.disk.lstat(merged.units.get('script') ?? '')?.mode, 0o755);
  assert.equal(text(scene, merged.parkedUnits, '.parked/files/both'), 'mine');
});

test('files: many at once emptied or deleted are taken for damage', async (t) => {
  const scene = openScene(t);
  for (let n = 0; n < 30; n += 1) scene.write(`plugins/${n}`, `file ${n}`);
  const base = await scene.side('plugins');
  for (let n = 0; n < 15; n += 1) scene.write(`plugins/${n}`, '');
  for (let n = 15; n < 20; n += 1) scene.host.disk.removeFile(scene.path(`plugins/${n}`));
  const latest = await scene.side('plugins');
  const merged = await scene.asset('plugins').merge(scene.request({ base, origin: base, latest }));
  assert.deepEqual(merged.damage['.'], {
    total: 30,
    deleted: 5,
    emptied: 15,
    overwritten: 0,
    parked: ['emptied'],
  });
  assert.equal(merged.units.size, 25);
  assert.equal(text(scene, merged.units, '3'), 'file 3');
});

test('a unit file that was edited stands only where somebody decided so', async (t) => {
  const scene = openScene(t);
  const unit = scene.path('units/scene.service').slice(1);
  scene.write('units/scene.service', 'old');
  const base = await scene.side('start');
  scene.write('units/scene.service', 'new');
  const origin = await scene.side('start');
  scene.write('units/scene.service', 'edited');
  const latest = await scene.side('start');
  const decision = {
    place: unit,
    choice: 'as-is',
    by: 'operator',
    at: '2031-01-01T00:00:00Z',
    evidence: '',
  } as const;
  const kept = await scene.asset('start').merge(scene.request({ base, origin, latest }));
  assert.equal(text(scene, kept.units, unit), 'old');
  assert.deepEqual(kept.outcome.parked, [{ what: unit, count: 1, why: 'refused' }]);
  assert.equal(text(scene, kept.parkedUnits, `.parked/${unit}`), 'edited');
  const decided = await scene
    .asset('start')
    .merge(scene.request({ base, origin, latest }, { decisions: [decision] }));
  assert.equal(text(scene, decided.units, unit), 'edited');
});
