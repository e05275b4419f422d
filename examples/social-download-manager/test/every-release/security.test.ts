import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { firstAccount, password } from '../accounts.ts';
import type { Client } from '../client.ts';
import { releases } from '../releases.ts';
import { dataFolder, type RunningServer } from '../running.ts';

for (const { version } of releases)
  describe(`release ${version}`, () => {
    describe('requests from elsewhere and malformed ones', () => {
      const folder = dataFolder({ after });
      let server: RunningServer;
      let admin: Client;

      before(async () => {
        server = await folder.start(version);
        admin = await firstAccount(server);
      });

      /** Sends bytes as they are: `fetch` would tidy up a path. */
      async function raw(request: string): Promise<string> {
        const socket = connect(server.port, '127.0.0.1');
        await once(socket, 'connect');
        socket.end(request);
        return text(socket);
      }

      test('a changing request must be JSON', async () => {
        for (const type of [
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data',
        ]) {
          const headers = { 'content-type': type, cookie: admin.cookies };
          const answer = await server.client().request('PUT', '/api/preferences', {
            headers,
            body: '{"theme":"dark"}',
          });
          assert.equal(answer.status, 415, type);
        }
        assert.equal((await admin.get('/api/preferences')).at('theme'), 'light');
      });

      test('a foreign page changes nothing, our own page does', async () => {
        const put = (origin: string) =>
          admin.request('PUT', '/api/preferences', {
            body: { quality: '720' },
            headers: { 'content-type': 'application/json', cookie: admin.cookies, origin },
          });
        for (const origin of ['http://example.com', 'null', `${server.origin}0`]) {
          const answer = await put(origin);
          assert.equal(answer.at('error.code'), 'request/foreign', origin);
        }
        assert.equal((await admin.get('/api/preferences')).at('quality'), 'best');
        assert.equal((await put(server.origin)).status, 200);
        assert.equal((await admin.get('/api/preferences')).at('quality'), '720');
      });

      test('without a session nothing is told and nothing is changed', async () => {
        const stranger = server.client();
        const paths = [
          '/api/downloads',
          '/api/downloads/active',
          '/api/downloads/1/file',
          '/api/preferences',
          '/api/settings',
          '/api/platforms',
          '/api/users',
        ];
        for (const path of paths) assert.equal((await stranger.get(path)).status, 401, path);
        assert.equal((await stranger.post('/api/downloads', { links: ['x'] })).status, 401);
        const session = await stranger.get('/api/session');
        assert.equal(session.at('user'), null);
        assert.equal(session.at('preferences'), null);
      });

      test('no path leads out of public/', async () => {
        const paths = [
          '/../server.ts',
          '/..%2fserver.ts',
          '/%2e%2e/server.ts',
          '//etc/passwd',
          '/public/../package.json',
          '/index.html/../../package.json',
          '/.\\..\\package.json',
          '/index.html%00',
        ];
        for (const path of paths) {
          const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
          assert.match(answer, /^HTTP\/1.1 404 /, path);
        }
      });

      test('every answer carries the headers that protect the page', async () => {
        for (const path of ['/', '/api/session', '/nothing', '/healthz']) {
          const { headers } = await server.client().get(path);
          assert.match(headers.get('content-security-policy') ?? '', /^default-src 'self';/);
          assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'$/);
          assert.equal(headers.get('x-content-type-options'), 'nosniff');
        }
      });

      test('a body of more than 1 MiB is refused, with a length and without one', async () => {
        const body = JSON.stringify({ links: ['x'.repeat(1024 * 1024)] });
        const whole = await admin.request('POST', '/api/downloads', { body });
        assert.equal(whole.status, 413);
        assert.equal(whole.at('error.code'), 'request/too-large');
        const answer = await raw(
          [
            'POST /api/login HTTP/1.1',
            'host: x',
            'content-type: application/json',
            'transfer-encoding: chunked',
            '',
            body.length.toString(16),
            body,
            '0\r\n\r\n',
          ].join('\r\n'),
        );
        assert.match(answer, /^HTTP\/1.1 413 /);
      });

      test('what is no JSON, no UTF-8 or of another shape is refused', async () => {
        for (const [body, code] of [
          ['{"name":', 'request/json'],
          ['[]', 'request/invalid'],
          ['null', 'request/invalid'],
          ['{"name":1,"password":true}', 'request/invalid'],
          ['{"__proto__":{"name":"owner","password":"x"}}', 'request/invalid'],
        ]) {
          const answer = await server.client().request('POST', '/api/login', { body });
          assert.equal(answer.status, 400, body);
          assert.equal(answer.at('error.code'), code, body);
        }
        const bytes = Buffer.concat([
          Buffer.from('{"name":"'),
          Buffer.from([0xff]),
          Buffer.from('"}'),
        ]);
        const response = await fetch(`${server.origin}/api/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: bytes,
        });
        assert.match(await response.text(), /"code":"request\/json"/);
      });

      test('unknown paths and methods, and what is no HTTP, are answered', async () => {
        assert.equal((await admin.get('/api/nothing')).status, 404);
        assert.equal((await admin.get('/api/downloads/0x1/file')).status, 404);
        const method = await admin.delete('/api/session');
        assert.equal(method.status, 405);
        assert.match(await raw('nonsense\r\n\r\n'), /^HTTP\/1.1 400 /);
        assert.match(
          await raw('GET http:// HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
          /^HTTP\/1.1 404 /,
        );
      });

      test('HEAD answers as GET does, without a body; a known page is not sent again', async () => {
        const got = await admin.get('/');
        const head = await admin.request('HEAD', '/');
        assert.equal(head.status, 200);
        assert.equal(head.text, '');
        assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(got.text)));
        const etag = got.headers.get('etag') ?? '';
        const again = await admin.get('/', { headers: { 'if-none-match': etag } });
        assert.equal(again.status, 304);
      });

      test('the server is as it was after all this', async () => {
        const answer = await server.client().post('/api/login', { name: 'owner', password });
        assert.equal(answer.status, 200);
        assert.deepEqual(
          server.log.filter(({ level }) => level === 'error'),
          [],
        );
      });
    });
  });
