import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataFolder, type DataFolder } from '../running.ts';
import { limitMs } from '../patience.ts';
import { resizeDisk, smallDisk } from '../small-disk.ts';
import { contents, query, readJson, withDatabase } from '../stored.ts';
import { asOld, fillOldFolder, old } from './old-folder.ts';

/** `migrate` as a process of its own, to be killed at a chosen moment. */
function startMigration(folder: DataFolder): ChildProcess {
  const server = join(import.meta.dirname, '../../2.0.0/server.ts');
  const child = spawn(process.execPath, [server, 'migrate', '--data', folder.path], {
    stdio: 'ignore',
  });
  // Who watches it has to be the faster one.
  setPriority(Number(child.pid), 19);
  return child;
}

async function killWhen(child: ChildProcess, isTime: () => boolean): Promise<void> {
  for (const start = Date.now(); !isTime(); await sleep(1)) {
    assert.equal(child.exitCode, null, 'the migration still runs');
    assert.ok(Date.now() - start < limitMs, `not reached within ${limitMs} ms`);
  }
  child.kill('SIGKILL');
  if (child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
}

function versions(folder: DataFolder): readonly unknown[] {
  return query(folder, 'SELECT version FROM schema_migrations ORDER BY rowid').map(
    (row) => Object(row).version,
  );
}

const oldVersions = ['1.0.0', '1.1.0', '1.2.0', '1.2.1'];

for (const repair of ['migrate', 'start'] as const)
  test(`killed between the database and the files, the next ${repair} converts the files`, async (t) => {
    const folder = dataFolder(t);
    await fillOldFolder(folder, 3);
    const config = join(folder.path, 'config.json');
    renameSync(config, `${config}.old`);
    // Reading a pipe that nobody writes to stops the migration just there.
    assert.equal(spawnSync('mkfifo', [config]).status, 0);
    await killWhen(startMigration(folder), () => versions(folder).includes('2.0.0'));
    rmSync(config);
    renameSync(`${config}.old`, config);
    assert.equal(Object(readJson(folder, 'config.json')).version, '1.2.1');
    assert.equal(existsSync(join(folder.path, 'component_manifest.json')), false);
    assert.equal(Object(readJson(folder, 'user_data/platform_auth.json')).version, '1.2.1');

    if (repair === 'migrate') assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
    else await (await folder.start('2.0.0')).stop();
    assert.equal(Object(readJson(folder, 'config.json')).application.sessionHours, 168);
    assert.equal(existsSync(join(folder.path, 'component_manifest.json')), true);
    assert.equal(Object(readJson(folder, 'user_data/platform_auth.json')).schema, 2);
  });

test('killed in the middle of the transaction, the old database is there, and the next run migrates it', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 100_000);
  const before = query(folder, old);
  const path = join(folder.path, 'sdm.db');
  const sizeBytes = statSync(path).size;
  await killWhen(startMigration(folder), () => statSync(path).size > sizeBytes + 1_000_000);
  assert.ok(statSync(`${path}-journal`).size > 0, 'there is something to roll back');
  // Reading rolls back what the journal holds.
  withDatabase(folder, (database) => database.prepare('PRAGMA integrity_check').get());
  assert.deepEqual(versions(folder), oldVersions);
  assert.equal(JSON.stringify(query(folder, old)), JSON.stringify(before));
  assert.equal(Object(readJson(folder, 'config.json')).version, '1.2.1');

  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  assert.equal(JSON.stringify(query(folder, asOld)), JSON.stringify(before));
  assert.deepEqual(query(folder, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
});

test('on a full disk nothing is changed, and with room again the migration succeeds', async (t) => {
  const folder = smallDisk(t, 200);
  if (folder === null) return t.skip('no small file system can be mounted by this user');
  await fillOldFolder(folder, 50_000);
  const usedMebibytes = statSync(join(folder.path, 'sdm.db')).size / 1024 / 1024;
  resizeDisk(folder, Math.ceil(usedMebibytes) + 2);
  const before = query(folder, old);
  const files = contents(folder).filter((line) => line.includes('.json'));
  const refused = await folder.run('2.0.0', ['migrate']);
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /^error: the disk of .* is full, nothing was changed\nhint: .*room/);
  assert.deepEqual(versions(folder), oldVersions);
  assert.equal(JSON.stringify(query(folder, old)), JSON.stringify(before));
  assert.deepEqual(
    contents(folder).filter((line) => line.includes('.json')),
    files,
  );
  assert.deepEqual(query(folder, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.equal((await folder.run('1.2.1', ['migrate'])).code, 0);

  resizeDisk(folder, 200);
  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  assert.equal(JSON.stringify(query(folder, asOld)), JSON.stringify(before));
});

test('a download of nobody is named, and nothing is changed', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 3);
  withDatabase(folder, (database) =>
    database.exec(
      'PRAGMA foreign_keys = OFF; UPDATE download_history SET user_id = 7 WHERE id = 2',
    ),
  );
  const refused = await folder.run('2.0.0', ['migrate']);
  assert.equal(refused.code, 3);
  assert.match(
    refused.stderr,
    /row 2 of download_history refers to a row of users that is not there/,
  );
  assert.deepEqual(versions(folder), oldVersions);
  assert.equal(query(folder, old).length, 3);
  assert.equal(Object(readJson(folder, 'config.json')).version, '1.2.1');
});

test('a program that reads the database meanwhile hinders nothing', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 1_000);
  await withReader(folder, async (count) => {
    assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
    assert.equal(count(), 1_000);
  });
  assert.equal(query(folder, asOld).length, 1_000);
});

async function withReader(
  folder: DataFolder,
  work: (count: () => unknown) => Promise<void>,
): Promise<void> {
  const reader = new DatabaseSync(join(folder.path, 'sdm.db'), { readOnly: true });
  reader.exec('BEGIN');
  const statement = reader.prepare('SELECT count(*) AS total FROM download_history');
  statement.get();
  await work(() => statement.get()?.['total']);
  reader.close();
}

test('1.2.1 refuses the database of 2.0.0, naming both versions, and changes nothing', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 3);
  await folder.run('2.0.0', ['migrate']);
  const before = contents(folder).filter((line) => !line.startsWith('server.lock'));
  for (const command of [[], ['migrate'], ['token', 'add', 'x']]) {
    const refused = await folder.run('1.2.1', command);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /is of version 2\.0\.0, .* knows versions up to 1\.2\.1/);
  }
  assert.deepEqual(
    contents(folder).filter((line) => !line.startsWith('server.lock')),
    before,
  );
  assert.match(readFileSync(join(folder.path, 'config.json'), 'utf8'), /"version": "2\.0\.0"/);
});
