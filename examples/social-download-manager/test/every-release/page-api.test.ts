import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, test, type TestContext } from 'node:test';
import { releases } from '../releases.ts';

/** Lets the page's own script, which names paths alone, ask a server that answers so. */
async function served(t: TestContext, answer: RequestListener): Promise<void> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(address !== null && typeof address === 'object');
  const browsers = globalThis.fetch;
  globalThis.fetch = (path, options) => {
    assert(typeof path === 'string');
    return browsers(`http://127.0.0.1:${address.port}${path}`, options);
  };
  t.after(() => {
    globalThis.fetch = browsers;
    server.closeAllConnections();
    server.close();
  });
}

for (const { version } of releases)
  describe(`what the page of ${version} asks`, () => {
    test('an answer that is cut in the middle is none: the server is lost, and found again', async (t) => {
      const { api, onReachable } = await import(`../../${version}/public/api.js`);
      const told: boolean[] = [];
      onReachable((isReachable: boolean) => told.push(isReachable));
      let isCut = true;
      await served(t, (_, response) => {
        response.setHeader('content-length', 100);
        if (!isCut) return void response.end('{"version":"1"}'.padEnd(100));
        response.write('{"version":', () => response.destroy());
      });
      await assert.rejects(api.session(), { name: 'Unreachable' });
      assert.deepEqual(told, [false]);
      isCut = false;
      assert.deepEqual(await api.session(), { version: '1' });
      assert.deepEqual(told, [false, true]);
    });
  });
