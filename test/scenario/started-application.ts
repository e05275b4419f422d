import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { SmallApplication } from './small-application.ts';

/**
 * Migrates what it finds, then answers; leaves who it is, and a child that would outlive it. Where it is told a port to call,
 * it first connects there, and writes into the live database; how both went stands in `outcome`.
 */
const server = `import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
const [, , data, port] = process.argv;
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
writeFileSync('pids.new', JSON.stringify([process.pid, child.pid]));
renameSync('pids.new', 'pids');
writeFileSync('places', JSON.stringify({ data, port, live: process.env.LIVE ?? null }));
if (existsSync('told-to-end')) { console.error('the licence is missing'); process.exit(3); }
const db = new DatabaseSync(data + '/notes.db');
db.exec("PRAGMA journal_mode = WAL; ALTER TABLE notes ADD COLUMN color TEXT; UPDATE notes SET state = 'completed' WHERE state = 'done'");
if (existsSync('told-to-stray')) writeFileSync('data/settings.json', '{ "language": "xx" }');
if (existsSync('told-to-call')) {
  const call = connect(Number(readFileSync('told-to-call', 'utf8')), '127.0.0.1');
  const reached = await new Promise((resolve) => {
    call.once('connect', () => resolve('reached'));
    call.once('error', ({ code }) => resolve(code));
  });
  call.destroy();
  let wrote = 'wrote';
  try { appendFileSync('data/notes.db', ''); } catch ({ code }) { wrote = code; }
  writeFileSync('outcome', reached + ' ' + wrote);
}
createServer((request, response) => {
  response.statusCode = existsSync('told-to-be-ill') ? 503 : 200;
  response.end('notes');
}).listen(Number(port), '127.0.0.1');
`;

const migration = `migrate: { start: '{node} {release}/server.mjs {data} {port}', until: healthy, timeout: 10m, seclude: auto }
health: { ready: { http: / } }`;

/** The small application, whose new release migrates as it starts. */
export function startedApplication(t: TestContext): SmallApplication {
  const app = new SmallApplication(t);
  const run = /^migrate: .*$/m;
  const before = app.read('backstep.yaml');
  assert.match(before, run);
  app.write('backstep.yaml', before.replace(run, migration));
  for (const version of ['1.0.0', '2.0.0']) {
    app.write(`${version}/server.mjs`, server);
    const added = app.backstep('release', 'add', version, version);
    assert.equal(added.exitCode, 0, added.stderr);
  }
  t.after(() => endLeft(app));
  return app;
}

function startedBy(app: SmallApplication): number[] {
  const pids: unknown = JSON.parse(app.read('pids'));
  assert(Array.isArray(pids));
  return pids.map(Number);
}

/** Of the release that was started, and of its child. */
export function alive(app: SmallApplication): number[] {
  return startedBy(app).filter((pid) => nodeHost().processes.identify(pid) !== null);
}

/** What a failed test has left. */
function endLeft(app: SmallApplication): void {
  if (!existsSync(app.path('pids'))) return;
  for (const pid of alive(app)) process.kill(pid, 'SIGKILL');
}
