import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../../src/host/node.ts';
import type { Scene } from './scenes.ts';

/** The moments of a release that migrates as it starts, at each of which it can be held. */
export const candidateStates = ['started', 'migrating', 'migrated', 'ill'] as const;
export type CandidateState = (typeof candidateStates)[number];

/**
 * Migrates the data, then answers. It starts a child in a session of its own, and writes their pids down beside the folder
 * of the manifest, its supervisor's as well. A file `hold` in that folder tells in which state it stays; it makes `reached` there.
 */
const server = `import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
const [data, port] = process.argv.slice(2);
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
const supervisor = process.env.BACKSTEP_SERVICE === undefined ? [] : [process.ppid];
appendFileSync('../candidates', [...supervisor, process.pid, child.pid, ''].join('\\n'));
const held = existsSync('hold') ? readFileSync('hold', 'utf8') : '';
const stay = (state) => {
  if (held !== state) return;
  writeFileSync('reached', state);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
stay('started');
const db = new DatabaseSync(data + '/notes.db');
db.exec("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; ALTER TABLE notes ADD COLUMN color TEXT; UPDATE notes SET state = 'completed' WHERE state = 'done'");
stay('migrating');
db.exec('COMMIT');
const settings = JSON.parse(readFileSync(data + '/settings.json', 'utf8'));
writeFileSync(data + '/settings.json', JSON.stringify({ ...settings, format: 2 }, null, 2) + '\\n');
stay('migrated');
createServer((request, response) => {
  response.statusCode = held === 'ill' ? 503 : 200;
  response.end('[]', () => { if (held === 'ill') writeFileSync('reached', held); });
}).listen(Number(port), '127.0.0.1');
`;

const program = 'candidate.mjs';

/** An upgrade whose migration is the start of the new release on a copy. */
export const startedUpgrade: Scene = {
  name: 'upgrade that starts the release on a copy',
  command: () => ['upgrade', '--to', '2.0.0', '--yes'],
  isServed: false,
  exitCode: 0,
  added: ['1.0.0'],
  prepare: async (app) => {
    const manifest = readFileSync(app.path('backstep.yaml'), 'utf8');
    const migrate = `migrate: { start: '{node} {release}/${program} {data} {port}', until: healthy, timeout: 10m }`;
    const health = app.port === null ? '\nhealth: { ready: { http: / } }' : '';
    const line = /^migrate: .*$/m;
    assert.match(manifest, line);
    app.write('backstep.yaml', manifest.replace(line, `${migrate}${health}`));
    app.write(`built/2.0.0/${program}`, server);
    await app.addReleases(['2.0.0']);
  },
};

/** Processes of candidates, and their supervisors, that are still there. The folder is the manifest's. */
export function candidatesAlive(folder: string): number[] {
  const file = join(folder, '../candidates');
  const pids = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
  return pids.filter((pid) => nodeHost().processes.identify(pid) !== null);
}

/** Ends what is left of them, by their pids. */
export function endCandidates(folder: string): void {
  for (const pid of candidatesAlive(folder)) spawnSync('kill', ['-KILL', String(pid)]);
}
