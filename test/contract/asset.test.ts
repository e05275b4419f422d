import assert from 'node:assert/strict';
import { basename, join } from 'node:path/posix';
import { test } from 'node:test';
import { assetKinds } from '../../src/asset/kinds.ts';
import { openReleases } from '../../src/asset/releases.ts';
import { siteOf } from '../../src/asset/release-site.ts';
import { readWhole } from '../../src/host/whole-file.ts';
import { Database } from '../../src/sqlite/database.ts';
import { contentsOf, openScene, surroundingsOf, type Scene } from './asset-scene.ts';

/** One kind in the scene: `old` is the state before, `upgraded` after the upgrade, `used` after some use. */
interface Play {
  readonly asset: string;
  readonly layout?: 'in-place';
  old(scene: Scene): void;
  upgraded(scene: Scene): void;
  used(scene: Scene): void;
  /** What becomes of a user's change where the upgrade changed nothing. */
  readonly carries: 'yes' | 'conflict' | 'never';
}

function sql(scene: Scene, statements: string): void {
  scene.write('config/.keep', '');
  const db = Database.open(scene.path('config/history.db'));
  db.exec(statements);
  db.close();
}

function release(scene: Scene, version: string): void {
  const folder = `source/${version}`;
  scene.write(`${folder}/server.js`, `serve('${version}')`, 0o755);
  scene.write(`${folder}/lib/one.js`, 'one', 0o644);
  const shelf = openReleases(scene.host, siteOf(scene.manifest));
  shelf.add({ version, folder: scene.path(folder) });
}

function use(scene: Scene, version: string): void {
  const { disk } = scene.host;
  const shelf = openReleases(scene.host, siteOf(scene.manifest));
  const into = scene.path('state', `units-${version}`);
  disk.makeFolder(into, 0o700);
  for (const [unit, path] of scene.asset('release').live()) {
    assert.equal(path, scene.asset('release').placeOf(unit));
    disk.removeFile(path);
  }
  for (const [unit, path] of shelf.wanted(version, into)) {
    const place = scene.asset('release').placeOf(unit);
    if (disk.lstat(join(place, '..')) === null) disk.makeFolder(join(place, '..'), 0o755);
    disk.rename(path, place);
  }
  assert.equal(shelf.current(), version);
}

const plays: Readonly<Record<string, Play>> = {
  json: {
    asset: 'documents',
    carries: 'yes',
    old: (scene) => {
      scene.write('config/config.json', '{ "theme": "dark",\n  "sort": 1.0 }\n', 0o600);
      scene.write('config/deep/a\nb.json', '{"x": [1, 2]}');
    },
    upgraded: (scene) => {
      scene.write('config/config.json', '{"v": 2, "theme": "dark", "sort": 1.0}', 0o600);
    },
    used: (scene) => {
      scene.write('config/config.json', '{"theme": "light", "sort": 1.0}', 0o600);
    },
  },
  files: {
    asset: 'plugins',
    carries: 'yes',
    old: (scene) => {
      const { disk } = scene.host;
      scene.write('plugins/a.txt', 'a', 0o604);
      scene.write('plugins/run/b', 'b', 0o755);
      scene.write('plugins/run/\udcff\n', 'no UTF-8');
      if (disk.lstat(scene.path('plugins/link')) === null) {
        disk.symlink('run/b', scene.path('plugins/link'));
      }
    },
    upgraded: (scene) => {
      scene.write('plugins/a.txt', 'a of the new release', 0o604);
    },
    used: (scene) => {
      scene.write('plugins/mine.txt', 'mine', 0o600);
      scene.host.disk.removeFile(scene.path('plugins/run/b'));
    },
  },
  sqlite: {
    asset: 'history',
    carries: 'yes',
    old: (scene) =>
      sql(
        scene,
        `PRAGMA journal_mode = WAL; CREATE TABLE item(id INTEGER PRIMARY KEY, title TEXT);
         INSERT INTO item(title) VALUES ('one'), ('two'), ('three')`,
      ),
    upgraded: (scene) => sql(scene, `ALTER TABLE item ADD COLUMN kind TEXT DEFAULT 'x'`),
    used: (scene) =>
      sql(scene, `INSERT INTO item(title) VALUES ('four'); DELETE FROM item WHERE id = 1`),
  },
  release: {
    asset: 'release',
    carries: 'never',
    old: (scene) => {
      scene.write('releases/.keep', '');
      release(scene, '1.0.0');
      release(scene, '2.0.0');
      use(scene, '1.0.0');
    },
    upgraded: (scene) => use(scene, '2.0.0'),
    used: () => {},
  },
  'release in place': {
    asset: 'release',
    layout: 'in-place',
    carries: 'never',
    old: (scene) => {
      scene.write('releases/users.txt', 'mine');
      release(scene, '1.0.0');
      release(scene, '2.0.0');
      use(scene, '1.0.0');
    },
    upgraded: (scene) => use(scene, '2.0.0'),
    used: () => {},
  },
  service: {
    asset: 'start',
    carries: 'conflict',
    old: (scene) => scene.write('units/scene.service', '[Service]\nExecStart=/old\n', 0o644),
    upgraded: (scene) => scene.write('units/scene.service', '[Service]\nExecStart=/new\n', 0o644),
    used: (scene) => scene.write('units/scene.service', '[Service]\nNice=5\n', 0o644),
  },
  command: {
    asset: 'rules',
    carries: 'yes',
    old: (scene) => scene.write('config/rules', Buffer.from([1, 0, 255])),
    upgraded: (scene) => scene.write('config/rules', 'new rules'),
    used: (scene) => scene.write('config/rules', 'my rules'),
  },
};

test('every registered kind is played', () => {
  const played = new Set(Object.keys(plays).map((name) => name.split(' ')[0]));
  assert.deepEqual(played, new Set(Object.keys(assetKinds)));
});

for (const [name, play] of Object.entries(plays)) {
  test(`${name}: captured and restored, it is what it was; at rest or in use`, async (t) => {
    const scene = openScene(t, play.layout);
    play.old(scene);
    const asset = scene.asset(play.asset);
    const restored = await scene.side(play.asset);
    assert.ok(restored.size > 0);
    assert.deepEqual(contentsOf(scene, restored), contentsOf(scene, asset.live()));
    const running = await scene.side(play.asset, false);
    assert.deepEqual([...running.keys()], [...restored.keys()]);
    assert.deepEqual(
      (await asset.check(running)).filter(({ status }) => status === 'error'),
      [],
    );
  });

  test(`${name}: live units lie where they belong, and settling twice changes nothing`, async (t) => {
    const scene = openScene(t, play.layout);
    play.old(scene);
    const asset = scene.asset(play.asset);
    await scene.side(play.asset);
    const live = asset.live();
    assert.ok(live.size > 0);
    for (const [unit, path] of live) assert.equal(path, asset.placeOf(unit));
    const before = contentsOf(scene, live);
    asset.settle();
    asset.settle();
    assert.deepEqual(contentsOf(scene, asset.live()), before);
    const held = asset.heldFiles();
    for (const path of held === 'seen' ? [] : held) assert.ok(path.startsWith(scene.root), path);
  });

  test(`${name}: nothing changed since, so back is what was before, and forth what was displaced`, async (t) => {
    const scene = openScene(t, play.layout);
    const asset = scene.asset(play.asset);
    play.old(scene);
    const base = await scene.side(play.asset);
    play.upgraded(scene);
    const origin = await scene.side(play.asset);
    assert.notDeepEqual(contentsOf(scene, base), contentsOf(scene, origin));
    const around = [base, origin].map((side) => surroundingsOf(scene, side));
    for (const direction of ['back', 'forth'] as const) {
      const latest = await scene.side(play.asset);
      const request = scene.request({ base, origin, latest }, { direction });
      const merged = await asset.merge(request);
      assert.deepEqual(contentsOf(scene, merged.units), contentsOf(scene, base));
      assert.deepEqual(merged.outcome.carried, { inserted: 0, updated: 0, deleted: 0 });
      assert.deepEqual([...merged.parkedUnits], []);
      assert.equal(merged.outcome.reconciled, true);
    }
    const later = [base, origin].map((side) => surroundingsOf(scene, side));
    assert.deepEqual(later, around);
  });

  test(`${name}: an upgrade that changed nothing is found faithful`, async (t) => {
    const scene = openScene(t, play.layout);
    play.old(scene);
    const [before, after] = [await scene.side(play.asset), await scene.side(play.asset)];
    const { scratch } = scene.request({ base: before, origin: after, latest: after });
    const survey = await scene.asset(play.asset).survey({ before, after, reversal: null, scratch });
    const found = survey.findings.filter(({ faith }) => faith === 'rewritten' || faith === 'blind');
    assert.deepEqual(found, []);
  });

  if (play.carries === 'never') continue;

  test(`${name}: where the upgrade changed nothing, a user’s change stands or is kept`, async (t) => {
    const scene = openScene(t, play.layout);
    const asset = scene.asset(play.asset);
    play.old(scene);
    const base = await scene.side(play.asset);
    play.used(scene);
    const latest = await scene.side(play.asset);
    const before = [base, latest].map((side) => surroundingsOf(scene, side));
    const merged = await asset.merge(scene.request({ base, origin: base, latest }));
    const expected = play.carries === 'yes' ? latest : base;
    assert.deepEqual(meaningOf(scene, merged.units), meaningOf(scene, expected));
    assert.equal(merged.parkedUnits.size, play.carries === 'yes' ? 0 : 1);
    assert.deepEqual(
      [base, latest].map((side) => surroundingsOf(scene, side)),
      before,
    );
  });
}

/** Databases by their rows and documents by their values, which keep base's form; the rest by bytes. */
function meaningOf(scene: Scene, side: ReadonlyMap<string, string>): unknown {
  return [...side].map(([unit, path]) => {
    if (unit.endsWith('.json')) {
      const value: unknown = JSON.parse(readWhole(scene.host.disk, path).toString('utf8'));
      return { unit, value };
    }
    if (!unit.endsWith('.db')) return contentsOf(scene, new Map([[unit, path]]));
    const { mode } = scene.host.disk.lstat(path) ?? {};
    const db = Database.open(path, { isClosed: true });
    const rows = db.all('SELECT * FROM item ORDER BY id').map((row) => ({ ...row }));
    db.close();
    return { unit: basename(path), mode, rows };
  });
}

test('a command asset writes back what was captured', async (t) => {
  const scene = openScene(t);
  const asset = scene.asset('rules');
  scene.write('config/rules', Buffer.from([9, 0, 254]));
  const side = await scene.side('rules');
  scene.write('config/rules', 'others');
  assert.deepEqual(
    (await asset.check(side)).map(({ status }) => status),
    ['error'],
  );
  await asset.apply?.('state', side.get('state') ?? '');
  await asset.apply?.('state', side.get('state') ?? '');
  assert.deepEqual([...readWhole(scene.host.disk, scene.path('config/rules'))], [9, 0, 254]);
  assert.deepEqual(
    (await asset.check(side)).map(({ status }) => status),
    ['success'],
  );
});
