import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { Managed } from './managed.ts';
import { download, historyOf, setUp } from './people.ts';

const scope = { after: (clean: () => void | Promise<void>) => after(clean) };

/** Everything that Backstep leaves beside the live state while it works. */
function leftBeside(managed: Managed): string[] {
  return readdirSync(join(managed.folder, 'run')).filter((name) => name.startsWith('.backstep'));
}

describe('when an upgrade or a rollback goes wrong', { concurrency: false }, () => {
  test('an upgrade that fails leaves the old release running with its data', async () => {
    const media = await startMediaServer();
    scope.after(() => media.close());
    const managed = await Managed.install(scope, ['1.2.1']);
    managed.addChanged(
      '2.0.0-unmigrated',
      '2.0.0',
      () => `console.error('no room in here'); process.exit(1);`,
    );
    managed.addChanged(
      '2.0.0-dead',
      '2.0.0',
      (server) =>
        `if (!process.argv.includes('migrate')) { console.error('I cannot start'); process.exit(9); }\n${server.replace(/^#!.*/, '')}`,
    );
    await managed.document('service', 'start');
    const client = managed.client();
    await setUp(client);
    await download(client, [`${media.origin}/file/one.mp4?size=5000`]);
    const before = await historyOf(client);

    const unmigrated = await managed.backstep('upgrade', '--to', '2.0.0-unmigrated', '--yes');
    assert.equal(unmigrated.code, 4, unmigrated.stderr);
    assert.match(unmigrated.stderr, /migration of the staged copy.*exit code 1.*no room in here/s);
    assert.deepEqual(await historyOf(client), before);
    assert.deepEqual(leftBeside(managed), []);

    const dead = await managed.backstep('upgrade', '--to', '2.0.0-dead', '--yes', '--json');
    assert.equal(dead.code, 4, dead.stderr);
    const report: unknown = JSON.parse(dead.stdout);
    assert(typeof report === 'object' && report !== null);
    const { result, fault, undoneBy } = { result: '', fault: null, undoneBy: null, ...report };
    assert.equal(result, 'undone');
    assert.match(JSON.stringify(fault), /I cannot start/);
    assert.match(String(undoneBy), /^rollback-/);
    assert.deepEqual(await historyOf(client), before);
    assert.deepEqual(leftBeside(managed), []);
    const status = await managed.document('status');
    assert.equal(status['release'], '1.2.1');
  });

  test('a rollback goes through with a damaged live database, and says what it could not read', async () => {
    const media = await startMediaServer();
    scope.after(() => media.close());
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    await managed.document('service', 'start');
    const client = managed.client();
    await setUp(client);
    const links = Array.from(
      { length: 40 },
      (_, n) => `${media.origin}/file/clip-${n}.mp4?size=100`,
    );
    await download(client, links);
    await managed.document('upgrade', '--to', '2.0.0', '--yes');
    await download(client, [`${media.origin}/file/new.mp4?size=100`]);
    await managed.document('service', 'stop');
    const path = join(managed.data, 'sdm.db');
    const pages = execFileSync('sqlite3', [
      path,
      `SELECT group_concat(pageno) FROM dbstat WHERE name = 'download_history' AND pagetype = 'leaf'`,
    ]);
    const page = Number(String(pages).trim().split(',')[0]);
    const bytes = readFileSync(path);
    bytes.fill(0xa5, (page - 1) * 4096 + 100, (page - 1) * 4096 + 3000);
    writeFileSync(path, bytes);

    const back = await managed.backstep('rollback', '--yes', '--json');
    assert.equal(back.code, 0, back.stdout + back.stderr);
    assert.match(back.stdout, /could not|cannot be read|damaged/);
    await managed.document('service', 'start');
    const rows = await historyOf(client);
    for (let n = 0; n < 40; n += 1)
      assert.ok(
        rows.some((row) => row.includes(`clip-${n} done`)),
        `clip-${n}`,
      );
  });

  test('a release that is not whole is refused before anything is touched', async () => {
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    await managed.document('service', 'start');
    const file = join(managed.folder, 'run/releases/2.0.0/serve.ts');
    execFileSync('chmod', ['u+w', file]);
    writeFileSync(file, '// changed behind its back\n');
    const refused = await managed.backstep('upgrade', '--to', '2.0.0', '--yes');
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /2\.0\.0 is not whole.*serve\.ts/s);
    assert.equal((await managed.document('status'))['release'], '1.2.1');
  });

  test('interrupted before its commit record, a rollback leaves all as it was', async () => {
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    await managed.document('service', 'start');
    const client = managed.client();
    await setUp(client);
    await managed.document('upgrade', '--to', '2.0.0', '--yes');
    const hold = managed.hold('before-commit');
    const child = managed.begin('rollback', '--yes');
    const ended = once(child, 'exit');
    await hold.reached();
    child.kill('SIGINT');
    await ended;
    hold.letGo();
    assert.equal(child.exitCode, 130);
    assert.equal((await client.get('/api/session')).at('version'), '2.0.0');
    assert.deepEqual(leftBeside(managed), []);
    assert.equal((await managed.backstep('status')).code, 0);
  });
});
