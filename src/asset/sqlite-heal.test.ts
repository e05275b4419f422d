import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Database } from '../sqlite/database.ts';
import { openScene } from '../../test/contract/asset-scene.ts';
import type { MergeResult, Side } from './asset.ts';

const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
  INSERT INTO titles(id, title) SELECT i, 'title ' || i FROM n`;

function titlesIn(result: MergeResult): unknown[] {
  using db = Database.open(result.units.get('history.db') ?? '', { isClosed: true });
  return db.all('SELECT title FROM titles WHERE id < 5').map((row) => row['title']);
}

for (const work of ['', `INSERT INTO titles VALUES (50, 'since')`]) {
  test(`refused damage does not come back and is listed, ${work === '' ? 'nothing' : 'work'} done since`, async (t) => {
    const scene = openScene(t);
    const path = join(scene.root, 'config', 'history.db');
    scene.write('config/history.db', '');
    const side = async (sql: string): Promise<Side> => {
      const db = Database.open(path);
      db.exec(sql);
      db.close();
      return scene.side('history');
    };
    const before = await side(`CREATE TABLE titles(id INTEGER PRIMARY KEY, title TEXT); ${rows}`);
    const after = await side('ALTER TABLE titles ADD COLUMN mark');
    const displaced = await side(
      `UPDATE titles SET mark = 'm'; UPDATE titles SET title = '' WHERE id > 2; DELETE FROM titles WHERE id <= 2`,
    );
    const asset = scene.asset('history');
    const back = await asset.merge(
      scene.request({ base: before, origin: after, latest: displaced }),
    );
    assert.deepEqual(back.damage['titles']?.parked, ['emptied']);
    scene.host.disk.copy(back.units.get('history.db') ?? '', `${path}.back`);
    scene.host.disk.removeFile(path);
    scene.host.disk.copy(`${path}.back`, path);
    const latest = await side(work);
    const forth = await asset.merge(
      scene.request(
        { base: displaced, origin: back.units, latest },
        { direction: 'forth', rolledBack: { before, after, parked: back.parkedUnits } },
      ),
    );
    assert.deepEqual(titlesIn(forth), ['title 3', 'title 4']);
    assert.deepEqual(
      forth.outcome.parked.filter(({ why }) => why === 'damage'),
      [{ what: 'titles.title', count: 38, why: 'damage' }],
    );
    assert.equal(forth.parkedUnits.has('.parked/history.db'), true);
    assert.match(forth.notes.join('\n'), /0 rows and 38 cells/);
  });
}
