import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstAccount, password, signedIn } from '../accounts.ts';
import { releases } from '../releases.ts';
import { dataFolder } from '../running.ts';

for (const { version } of releases)
  describe(`release ${version}`, () => {
    test('an operator’s tool announces with a token, everybody sees it, and it ends', async (t) => {
      const folder = dataFolder(t);
      const server = await folder.start(version);
      const made = await folder.run(version, ['token', 'add', 'operations']);
      assert.equal(made.code, 0, made.stderr);
      assert.match(made.stdout, /^[\w-]{43}\n$/);
      const tool = server.client();
      const announce = (body: object, token = made.stdout.trim()) =>
        tool.request('POST', '/api/announcements', {
          body,
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        });

      const first = await announce({ message: 'Maintenance at noon', level: 'warning' });
      assert.equal(first.status, 201, first.text);
      await announce({ message: 'Over', expiresAt: '2020-01-01T00:00:00Z' });
      await announce({ message: 'Until later', expiresAt: '2999-01-01T00:00:00+07:00' });
      const session = await server.client().get('/api/session');
      assert.deepEqual(
        session
          .list('announcements')
          .map((_, index) => [
            session.at(`announcements.${index}.message`),
            session.at(`announcements.${index}.level`),
          ]),
        [
          ['Maintenance at noon', 'warning'],
          ['Until later', 'info'],
        ],
      );

      const id = first.number('announcement.id');
      const remove = () =>
        tool.request('DELETE', `/api/announcements/${id}`, {
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${made.stdout.trim()}`,
          },
        });
      assert.equal((await remove()).status, 204);
      assert.equal((await remove()).status, 404);
      assert.equal((await tool.get('/api/session')).list('announcements').length, 1);

      assert.equal((await announce({ message: 'x' }, 'wrong')).at('error.code'), 'token/wrong');
      assert.equal((await announce({ message: '' })).status, 400);
      assert.equal((await announce({ message: 'x', level: 'loud' })).status, 400);
      assert.equal((await announce({ message: 'x', expiresAt: 'tomorrow' })).status, 400);
      const bare = await tool.post('/api/announcements', { message: 'x' });
      assert.equal(bare.at('error.code'), 'token/needed');
    });

    test('an administrator announces from the page', async (t) => {
      const server = await dataFolder(t).start(version);
      const admin = await firstAccount(server);
      const answer = await admin.post('/api/announcements', { message: 'Hello' });
      assert.equal(answer.status, 201);
      const path = `/api/announcements/${answer.number('announcement.id')}`;
      assert.equal((await admin.delete(path)).status, 204);
    });

    test('a label is used once', async (t) => {
      const folder = dataFolder(t);
      assert.equal((await folder.run(version, ['token', 'add', 'one'])).code, 0);
      const again = await folder.run(version, ['token', 'add', 'one']);
      assert.equal(again.code, 3);
      assert.match(again.stderr, /a token labelled one already/);
    });

    test('users are added on the command line, before the first start and while a server runs', async (t) => {
      const folder = dataFolder(t);
      const add = (name: string, role: string, stdin = `${password}\n`) =>
        folder.run(version, ['user', 'add', name, '--role', role], { stdin });
      assert.equal((await add('owner', 'admin')).code, 0);
      const server = await folder.start(version);
      assert.equal((await add('reader', 'member')).code, 0);
      const owner = await signedIn(server, 'owner');
      const users = await owner.get('/api/users');
      assert.deepEqual(
        users
          .list('users')
          .map((_, index) => [users.at(`users.${index}.name`), users.at(`users.${index}.role`)]),
        [
          ['owner', 'admin'],
          ['reader', 'member'],
        ],
      );
      assert.equal((await signedIn(server, 'reader')).cookies === '', false);
      assert.equal((await owner.get('/api/session')).at('needsSetup'), false);

      assert.equal((await add('reader', 'member')).code, 3);
      const short = await add('short', 'member', 'seven77\n');
      assert.equal(short.code, 2);
      assert.match(short.stderr, /the password: 8 to 128 characters are expected/);
      assert.equal((await add('nothing', 'member', '')).code, 2);
    });
  });
