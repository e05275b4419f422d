import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { test, type TestContext } from 'node:test';
import { said } from './said.ts';
import { SmallApplication } from './small-application.ts';

const limits = { timeout: 300_000 };

/** What `verify` says of an application that answers so: name of the check → `status: measured`. */
async function verified(t: TestContext, answer: RequestListener): Promise<Map<string, string>> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert(address !== null && typeof address === 'object');
  const app = new SmallApplication(t);
  const checks =
    'page: /page, help: /help, download: /file, protected: [/secret], downloadWithin: 30m, respondWithin: 30m';
  const health = `health: { ready: { http: 'http://127.0.0.1:${address.port}/ready' }, checks: { ${checks} } }\n`;
  app.write('backstep.yaml', `${app.read('backstep.yaml')}${health}`);
  const { stdout, stderr } = await said(app.folder, 'verify', '--json');
  assert.notEqual(stdout, '', stderr);
  const found: readonly Record<'name' | 'status' | 'measured', string>[] =
    JSON.parse(stdout).checks;
  return new Map(found.map(({ name, status, measured }) => [name, `${status}: ${measured}`]));
}

const help = `<a href="#there">a</a> <a href="#gone">b</a> <h2 id="there">x</h2>
  <a href='/page'>c</a> <img src="/missing.png"> <a href="https://elsewhere.invalid/">d</a> <a href="mailto:x">e</a>`;

test(
  'dead links, open doors, loose cookies and parts that are unwell are told',
  limits,
  async (t) => {
    const found = await verified(t, ({ url }, response) => {
      if (url === '/missing.png') response.statusCode = 404;
      if (url === '/page')
        response.setHeader('set-cookie', ['loose=1; Path=/', 'good=1; HttpOnly; SameSite=Lax']);
      if (url === '/file') response.statusCode = 500;
      const parts = {
        version: '1.0.0',
        checks: { database: { status: 'ok' }, queue: { status: 'failing' } },
      };
      response.end(url === '/help' ? help : url === '/ready' ? JSON.stringify(parts) : 'x');
    });
    const dead = found.get('help: every link leads somewhere') ?? '';
    assert.equal(dead, 'error: /help#gone: no such place; /missing.png: 404');
    assert.equal(found.get('security: login required'), 'error: /secret: 200');
    assert.equal(
      found.get('security: cookies'),
      'error: without HttpOnly, SameSite or Secure: loose',
    );
    assert.equal(found.get('download: first byte'), 'error: /file: 500');
    assert.equal(found.get('parts and integrations'), 'warning: queue: failing');
  },
);

test('what is as it should be is told with what was measured', limits, async (t) => {
  const found = await verified(t, ({ url }, response) => {
    if (url === '/secret') response.statusCode = 401;
    if (url === '/page') response.setHeader('set-cookie', 'good=1; HttpOnly; SameSite=Strict');
    response.end(url === '/help' ? '<a href="#a">a</a><p id="a"><a href="/page">b</a>' : 'x');
  });
  assert.equal(found.get('help: every link leads somewhere'), 'success: 2 links, none is dead');
  assert.match(found.get('security: login required') ?? '', /^success: 1 paths/);
  assert.match(found.get('security: cookies') ?? '', /^success: 1 cookies/);
  assert.match(found.get('download: first byte') ?? '', /^success: after \d+ ms/);
  assert.match(found.get('ready') ?? '', /^success: \/ready: 200 after \d+ ms$/);
});

test('nobody there is an error of each question, and of nothing else', limits, async (t) => {
  const found = await verified(t, (request) => request.socket.destroy());
  for (const name of [
    'ready',
    'help: every link leads somewhere',
    'download: first byte',
    'security: cookies',
  ]) {
    assert.match(found.get(name) ?? '', /^error: .*(?:hung|hang) up/, name);
  }
  assert.equal(found.get('notes: integrity'), 'success: ok');
});
