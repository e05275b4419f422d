import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asOld, fillOldFolder, old } from '../2.0.0/old-folder.ts';
import { dataFolder, type DataFolder } from '../running.ts';
import { contents, query, readJson, schemaOf, withDatabase } from '../stored.ts';

/** The downloads as 2.0.0 had them, in its columns. */
const as2 = `
  SELECT id, user_id, platform, url, title, uploader, quality, audio_only, status, file_name, size_bytes,
    received_bytes, duration_seconds, error, added_at, finished_at, v2_component_id, v2_state_snapshot
  FROM download_history JOIN download_files ON download_id = id ORDER BY id`;

const of2 = as2.replace('JOIN download_files ON download_id = id', '');
const of1 = asOld.replace('FROM download_history', `FROM (${as2})`);

async function migrate(folder: DataFolder, release: string): Promise<readonly string[]> {
  const migrated = await folder.run(release, ['migrate']);
  assert.equal(migrated.code, 0, migrated.stderr);
  return JSON.parse(migrated.stdout).applied;
}

for (const rows of [0, 1, 100_000])
  test(`a folder of 2.0.0 with ${rows} downloads comes to 2.1.0, and nothing is lost`, async (t) => {
    const folder = dataFolder(t);
    await fillOldFolder(folder, rows);
    await migrate(folder, '2.0.0');
    const before = query(folder, of2);
    assert.equal(before.length, rows);
    assert.deepEqual(await migrate(folder, '2.1.0'), ['2.1.0']);
    // Compared as text: a hundred thousand objects one by one take too long.
    assert.equal(JSON.stringify(query(folder, as2)), JSON.stringify(before));
    assert.deepEqual(query(folder, 'SELECT count(*) AS total FROM download_files'), [
      { total: rows },
    ]);
    assert.deepEqual(query(folder, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    assert.deepEqual(query(folder, 'PRAGMA foreign_key_check'), []);
    assert.equal(Object(readJson(folder, 'config.json')).version, '2.1.0');
    const history = Object(readJson(folder, 'user_data/download_history.json'));
    assert.equal(history.total, rows);
    assert.equal(history.entries.length, Math.min(rows, 1_000));
  });

test('a folder of 1.2.1 comes to 2.1.0 at once, in the shape of a new one', async (t) => {
  const [migrated, fresh] = [dataFolder(t), dataFolder(t)];
  await fillOldFolder(migrated, 10);
  const before = query(migrated, old);
  assert.deepEqual(await migrate(migrated, '2.1.0'), ['2.0.0', '2.1.0']);
  assert.deepEqual(query(migrated, of1), before);
  await migrate(fresh, '2.1.0');
  assert.deepEqual(schemaOf(migrated), schemaOf(fresh));
  const columns = query(fresh, "SELECT name FROM pragma_table_info('download_history')");
  assert.doesNotMatch(JSON.stringify(columns), /file_name|size_bytes|received_bytes/);
});

test('a number of a deleted download is not given again', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 10);
  await migrate(folder, '2.0.0');
  withDatabase(folder, (database) => database.exec('DELETE FROM download_history WHERE id > 2'));
  await migrate(folder, '2.1.0');
  assert.deepEqual(
    query(folder, "SELECT seq FROM sqlite_sequence WHERE name = 'download_history'"),
    [{ seq: 10 }],
  );
});

test('a download takes what it has brought with it when it is deleted', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 4);
  await migrate(folder, '2.1.0');
  withDatabase(folder, (database) => database.exec('DELETE FROM download_history WHERE id < 3'));
  assert.deepEqual(query(folder, 'SELECT download_id FROM download_files'), [
    { download_id: 3 },
    { download_id: 4 },
  ]);
});

test('migrating a second time changes no byte', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 10);
  await migrate(folder, '2.1.0');
  const before = contents(folder);
  assert.deepEqual(await migrate(folder, '2.1.0'), []);
  assert.deepEqual(contents(folder), before);
});

test('2.0.0 and 1.2.1 refuse the database of 2.1.0, naming both versions', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 3);
  await migrate(folder, '2.1.0');
  for (const [release, known] of [
    ['2.0.0', String.raw`2\.0\.0`],
    ['1.2.1', String.raw`1\.2\.1`],
  ] as const) {
    const refused = await folder.run(release, ['migrate']);
    assert.equal(refused.code, 3);
    const message = new RegExp(`is of version 2\\.1\\.0, .* knows versions up to ${known}`);
    assert.match(refused.stderr, message);
  }
});
