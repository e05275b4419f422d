import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { firstAccount, signedIn } from '../accounts.ts';
import { releases } from '../releases.ts';
import { dataFolder } from '../running.ts';

for (const { version, dataFiles } of releases)
  describe(`release ${version}`, () => {
    test('two servers on one data folder: the second refuses and names the first', async (t) => {
      const folder = dataFolder(t);
      const server = await folder.start(version);
      for (const command of [[], ['migrate']]) {
        const second = await folder.run(version, command);
        assert.equal(second.code, 3);
        assert.match(second.stderr, new RegExp(`"pid":${server.pid},"port":${server.port}`));
        assert.match(second.stderr, /^hint: stop the other process/m);
      }
      assert.equal((await server.client().get('/healthz')).status, 200);
    });

    test('a crash leaves no lock behind', async (t) => {
      const folder = dataFolder(t);
      const server = await folder.start(version);
      await server.kill();
      assert.equal(existsSync(join(folder.path, 'server.json')), true);
      const next = await folder.start(version);
      assert.equal((await next.client().get('/healthz')).status, 200);
    });

    test('a port that is taken is refused, and the folder is free again', async (t) => {
      const server = await dataFolder(t).start(version);
      const folder = dataFolder(t);
      const refused = await folder.run(version, [], { args: ['--port', String(server.port)] });
      assert.equal(refused.code, 3);
      assert.match(refused.stderr, /cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE/);
      assert.equal((await folder.run(version, ['migrate'])).code, 0);
    });

    test('wrong arguments are refused with exit code 2', async (t) => {
      const folder = dataFolder(t);
      for (const command of [
        ['start'],
        ['user', 'add'],
        ['user', 'add', 'x', '--role', 'root'],
        ['--port', '70000'],
        ['--port', '1e3'],
        ['--nonsense'],
      ]) {
        const refused = await folder.run(version, command);
        assert.equal(refused.code, 2, command.join(' '));
        assert.match(refused.stderr, /^error: .+\nhint: see node server.ts --help\n$/);
      }
      assert.deepEqual(readdirSync(folder.path), []);
    });

    test('everything in the data folder is for its owner alone, whatever the umask', async (t) => {
      const folder = dataFolder(t);
      const before = process.umask(0);
      t.after(() => process.umask(before));
      rmSync(folder.path, { recursive: true });
      const server = await folder.start(version);
      await firstAccount(server);
      const entries = readdirSync(folder.path, { recursive: true, encoding: 'utf8' });
      const modes = ['', ...entries].map((name) => {
        const stats = statSync(join(folder.path, name));
        return [name, (stats.mode & 0o777).toString(8), stats.isDirectory() ? '700' : '600'];
      });
      assert.deepEqual(
        modes.filter(([, mode, wanted]) => mode !== wanted),
        [],
      );
      assert.equal(entries.includes('sdm.db-wal'), true);
    });

    test('SIGTERM stops cleanly, also with a client that never ends its request', async (t) => {
      const folder = dataFolder(t);
      const server = await folder.start(version);
      const admin = await firstAccount(server);
      const hanging = connect(server.port, '127.0.0.1');
      await once(hanging, 'connect');
      hanging.on('error', () => undefined);
      hanging.write('POST /api/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n');
      hanging.write('content-length: 100\r\n\r\n{"name":');
      await admin.put('/api/preferences', { theme: 'dark' });

      assert.deepEqual(await server.stop(), { code: 0, signal: null });
      assert.deepEqual(
        server.log.filter(({ level }) => level === 'error'),
        [],
      );
      assert.deepEqual(readdirSync(folder.path).toSorted(), dataFiles);
      const next = await folder.start(version);
      const owner = await signedIn(next, 'owner');
      assert.equal((await owner.get('/api/preferences')).at('theme'), 'dark');
    });

    test('SIGINT and a second signal stop cleanly too', async (t) => {
      const server = await dataFolder(t).start(version);
      process.kill(server.pid, 'SIGINT');
      process.kill(server.pid, 'SIGTERM');
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
    });

    test('a newer database is refused, naming both versions, and nothing is changed', async (t) => {
      const folder = dataFolder(t);
      assert.equal((await folder.run(version, ['migrate'])).code, 0);
      const database = new DatabaseSync(join(folder.path, 'sdm.db'));
      database.exec(`INSERT INTO schema_migrations VALUES ('9.10.0', 'later', '2026-01-01')`);
      database.close();
      writeFileSync(join(folder.path, 'config.json'), '{"version":"9.10.0"}');
      const before = readFileSync(join(folder.path, 'sdm.db'));
      for (const command of [[], ['migrate'], ['token', 'add', 'x']]) {
        const refused = await folder.run(version, command);
        assert.equal(refused.code, 3);
        assert.match(
          refused.stderr,
          new RegExp(
            `is of version 9\\.10\\.0, .* knows versions up to ${version.replaceAll('.', String.raw`\.`)}`,
          ),
        );
      }
      assert.deepEqual(readFileSync(join(folder.path, 'sdm.db')), before);
      assert.equal(readFileSync(join(folder.path, 'config.json'), 'utf8'), '{"version":"9.10.0"}');
    });

    test('a file that is no database is refused and left as it is', async (t) => {
      const folder = dataFolder(t);
      writeFileSync(
        join(folder.path, 'sdm.db'),
        'this is text, and more than a hundred bytes of it, '.repeat(5),
      );
      const refused = await folder.run(version, ['migrate']);
      assert.equal(refused.code, 3);
      assert.match(refused.stderr, /sdm\.db is damaged or not a database/);
      assert.match(readFileSync(join(folder.path, 'sdm.db'), 'utf8'), /^this is text/);
    });

    test('the release runs from another folder, without the project around it', async (t) => {
      const folder = dataFolder(t);
      const { cpSync } = await import('node:fs');
      const releaseFolder = join(folder.path, 'release');
      cpSync(join(import.meta.dirname, '../..', version), releaseFolder, { recursive: true });
      const server = await folder.start(version, { releaseFolder });
      assert.equal((await server.client().get('/api/session')).at('version'), version);
    });
  });
