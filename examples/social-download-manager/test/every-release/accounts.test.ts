import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { addMember, firstAccount, password, signedIn } from '../accounts.ts';
import type { Client } from '../client.ts';
import { releases } from '../releases.ts';
import { dataFolder, type RunningServer } from '../running.ts';

for (const { version } of releases)
  describe(`release ${version}`, () => {
    describe('accounts', () => {
      const folder = dataFolder({ after });
      let server: RunningServer;
      let admin: Client;

      before(async () => {
        server = await folder.start(version);
        admin = await firstAccount(server);
      });

      test('the first account is an administrator, and there is no second first one', async () => {
        const session = await admin.get('/api/session');
        assert.deepEqual(session.at('user'), { id: 1, name: 'owner', role: 'admin' });
        assert.equal(session.at('needsSetup'), false);
        const second = await server.client().post('/api/setup', { name: 'other', password });
        assert.equal(second.status, 409);
        assert.equal(second.at('error.code'), 'setup/done');
      });

      test('the cookie is out of reach for scripts and foreign pages', async () => {
        const answer = await server.client().post('/api/login', { name: 'owner', password });
        const [cookie = ''] = answer.headers.getSetCookie();
        assert.match(
          cookie,
          /^sdm_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=604800$/,
        );
      });

      test('neither tokens nor passwords stand in the database', async () => {
        const client = await signedIn(server, 'owner');
        const token = client.cookies.slice('sdm_session='.length);
        const database = new DatabaseSync(`${folder.path}/sdm.db`, { readOnly: true });
        const stored = JSON.stringify([
          database.prepare('SELECT * FROM sessions').all(),
          database.prepare('SELECT * FROM users').all(),
        ]);
        database.close();
        assert.equal(stored.includes(token), false);
        assert.equal(stored.includes(password), false);
        assert.match(stored, /scrypt\$32768\$8\$1\$/);
      });

      test('a wrong password and an unknown name are answered alike', async () => {
        const wrong = await server
          .client()
          .post('/api/login', { name: 'owner', password: 'wrong one' });
        const unknown = await server.client().post('/api/login', { name: 'nobody', password });
        assert.equal(wrong.status, 401);
        assert.equal(wrong.at('error.code'), 'login/wrong');
        assert.equal(unknown.status, 401);
        assert.deepEqual(unknown.body, wrong.body);
      });

      test('after five wrong passwords for a name even the right one waits', async () => {
        await addMember(server, admin, 'guessed');
        const guesses = Array.from({ length: 8 }, () =>
          server.client().post('/api/login', { name: 'Guessed', password: 'wrong one' }),
        );
        const statuses = (await Promise.all(guesses)).map(({ status }) => status);
        assert.deepEqual(
          statuses.toSorted((a, b) => a - b),
          [401, 401, 401, 401, 401, 429, 429, 429],
        );
        const right = await server.client().post('/api/login', { name: 'guessed', password });
        assert.equal(right.at('error.code'), 'login/too-many');
        assert.equal((await signedIn(server, 'owner')).cookies === '', false);
      });

      test('signing out ends the session itself, not only the cookie', async () => {
        const client = await signedIn(server, 'owner');
        const { cookies } = client;
        assert.equal((await client.post('/api/logout')).status, 204);
        assert.equal(client.cookies, '');
        const replayed = await server
          .client()
          .get('/api/preferences', { headers: { cookie: cookies } });
        assert.equal(replayed.status, 401);
      });

      test('an expired session is nobody’s, and is removed at the next sign-in', async () => {
        const client = await signedIn(server, 'owner');
        const database = new DatabaseSync(`${folder.path}/sdm.db`);
        database.exec("UPDATE sessions SET expires_at = '2020-01-01T00:00:00.000Z'");
        assert.equal((await client.get('/api/preferences')).status, 401);
        admin = await signedIn(server, 'owner');
        const { total } = database.prepare('SELECT count(*) AS total FROM sessions').get() ?? {};
        database.close();
        assert.equal(total, 1);
      });

      test('a member may not do what administrators do', async () => {
        const member = await addMember(server, admin, 'member');
        const answers = await Promise.all([
          member.get('/api/users'),
          member.post('/api/users', { name: 'more', password, role: 'admin' }),
          member.get('/api/settings'),
          member.put('/api/settings', { theme: 'dark' }),
          member.put('/api/platforms/youtube', { isEnabled: false }),
          member.post('/api/announcements', { message: 'no' }),
        ]);
        assert.deepEqual(
          answers.map((answer) => [answer.status, answer.at('error.code')]),
          answers.map(() => [403, 'role/admin-needed']),
        );
        assert.equal((await member.get('/api/platforms')).status, 200);
      });

      test('a name is taken in whatever case, and bad names and passwords are refused', async () => {
        const taken = await admin.post('/api/users', { name: 'OWNER', password, role: 'member' });
        assert.equal(taken.at('error.code'), 'user/taken');
        for (const user of [
          { name: '', password, role: 'member' },
          { name: 'a\u0000b', password, role: 'member' },
          { name: 'n'.repeat(65), password, role: 'member' },
          { name: 'short', password: 'seven77', role: 'member' },
          { name: 'long', password: 'p'.repeat(129), role: 'member' },
          { name: 'role', password, role: 'root' },
        ]) {
          const answer = await admin.post('/api/users', user);
          assert.equal(answer.status, 400, answer.text);
          assert.equal(answer.at('error.code'), 'request/invalid');
        }
      });

      test('names may hold slashes and emoji, and a name such as __proto__ is a name like others', async () => {
        for (const name of ['a/b', '🦊 fox', '__proto__']) {
          const client = await addMember(server, admin, name);
          assert.equal((await client.get('/api/session')).at('user.name'), name);
        }
      });

      test('a login does not hold up other requests', async () => {
        const ended: string[] = [];
        const login = (): Promise<unknown> =>
          signedIn(server, 'owner').then(() => ended.push('login'));
        await Promise.all([
          ...Array.from({ length: 4 }, login),
          admin.get('/api/session').then(() => ended.push('session')),
        ]);
        assert.equal(ended.length, 5);
        assert.notEqual(ended.at(-1), 'session', ended.join());
      });
    });
  });
