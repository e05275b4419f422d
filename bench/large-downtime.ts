/**
 * How long an application with a large database stands still while it is rolled back, against the whole command: slim rows
 * of Social Download Manager's history, a share of them changed under the new release, and some more written after the
 * bulk was staged, by the last thing that runs before the stop.
 *
 *   node bench/large-downtime.ts [--rows 10000000] [--changed 0.01] [--late 1000] [--in FOLDER]
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { nodeHost } from '../src/host/node.ts';
import { migrationsOf } from '../test/rows/sdm-databases.ts';
import { buildPackage } from './built-package.ts';
import { load } from './rollback-scene.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    changed: { type: 'string', default: '0.01' },
    late: { type: 'string', default: '1000' },
    in: { type: 'string', default: tmpdir() },
  },
});
const rows = Number(values.rows);
const changed = Math.round(rows * Number(values.changed));
const late = Number(values.late);
const folder = fs.mkdtempSync(join(values.in, 'backstep-large-'));
const at = (name: string): string => join(folder, name);
const database = 'data/sdm.db';

const withDatabase = (statements: string): string => `
  import { writeFileSync } from 'node:fs';
  import { DatabaseSync } from 'node:sqlite';
  const db = new DatabaseSync(process.argv[2] + '/sdm.db');
  db.exec(${JSON.stringify(statements)});
  writeFileSync('written.txt', String(db.prepare('SELECT changes() AS n').get().n));
  db.close();`;
const server = `import { createServer } from 'node:http';
  createServer((_request, response) => response.end('here')).listen(Number(process.argv[3]), '127.0.0.1');`;
/** Spread over the whole table, as users' edits are. */
const lateWrites = `UPDATE download_history SET title = title || ' (late)'
  WHERE id IN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${late})
    SELECT 3 + i * ${Math.max(1, Math.floor(rows / (late + 1)))} FROM n)`;

try {
  const main = buildPackage(at('package'));
  makeScene(main, await nodeHost().network.freePort());
  console.log(`${load()} at the start; ${rows} rows, ${changed} changed, ${late} late`);
  backstep(main, 'service', 'start');
  backstep(main, 'upgrade', '--to', '2.0.0', '--yes');
  changeRows();
  fs.writeFileSync(at('late.mjs'), withDatabase(lateWrites));
  const begun = performance.now();
  const report = reportOf(backstep(main, 'rollback', '--yes', '--json'));
  const wholeMs = performance.now() - begun;
  for (const { name, ms } of report.phases) console.log(`  ${name.padEnd(12)} ${ms} ms`);
  const size = Math.round(fs.statSync(at(database)).size / 1e6);
  console.log(`database ${size} MB; whole ${(wholeMs / 1000).toFixed(1)} s`);
  const share = report.downtimeMs / wholeMs;
  console.log(`downtime ${(report.downtimeMs / 1000).toFixed(1)} s, share ${share.toFixed(2)}`);
  requireLate();
  console.log(`${load()} at the end`);
} finally {
  if (fs.existsSync(at('backstep.yaml'))) {
    spawnSync(process.execPath, [at('package/dist/main.js'), 'service', 'stop'], { cwd: folder });
  }
  fs.rmSync(folder, { recursive: true, force: true });
}

function makeScene(main: string, port: number): void {
  fs.mkdirSync(at('data'));
  fs.mkdirSync(at('releases'));
  fs.mkdirSync(at('reversals'));
  const example = join(import.meta.dirname, '..', 'examples', 'social-download-manager');
  const reversal = fs.readFileSync(join(example, 'reversals/2.0.0-to-1.2.1.yaml'), 'utf8');
  const ofDatabase = reversal.slice(0, reversal.search(/^json:/m));
  fs.writeFileSync(at('reversals/2.0.0-to-1.2.1.yaml'), ofDatabase);
  fs.writeFileSync(at('late.mjs'), '');
  fs.writeFileSync(at('open.mjs'), '');
  fs.writeFileSync(
    at('backstep.yaml'),
    `app: large
state: state
paths: { data: data }
releases: { root: releases, layout: symlink }
service: { manager: process, run: '{node} {release}/server.mjs {data} {port}', port: ${port} }
health: { ready: { http: /, within: 1m } }
gate: { close: '{node} late.mjs {data}', open: '{node} open.mjs', timeout: 5m }
migrate: { run: '{node} {release}/migrate.mjs {data}' }
reversals: reversals/
assets:
  history: { kind: sqlite, path: '{data}/sdm.db' }
`,
  );
  for (const version of ['1.2.1', '2.0.0']) {
    const made = at(`made-${version}`);
    fs.mkdirSync(made);
    fs.writeFileSync(join(made, 'server.mjs'), server);
    const own = `PRAGMA synchronous = OFF; ${migrationsOf(version, 'own')}`;
    fs.writeFileSync(join(made, 'migrate.mjs'), withDatabase(own));
    backstep(main, 'release', 'add', version, made);
  }
  const db = new DatabaseSync(at(database));
  db.exec(`PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE; ${migrationsOf('1.2.1', 'all')};
    INSERT INTO users(name, password_hash, role, created_at) VALUES ('ann', 'x', 'admin', 't'), ('ben', 'y', 'member', 't');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at)
    SELECT 1 + i % 2, 'youtube', 'https://example.com/' || i, 'Title ' || i, 'best',
      CASE i % 10 WHEN 0 THEN 'failed' ELSE 'done' END, '2026-01-01' FROM n;
    PRAGMA journal_mode = WAL`);
  db.close();
}

function changeRows(): void {
  const tenth = Math.round(changed / 10);
  const every = Math.max(1, Math.floor(rows / (changed - 2 * tenth)));
  const db = new DatabaseSync(at(database));
  db.exec(`PRAGMA synchronous = OFF;
    UPDATE download_history SET title = title || ' (retitled)' WHERE id % ${every} = 0;
    DELETE FROM download_history WHERE id IN (SELECT id FROM download_history WHERE id % ${every} = 1 LIMIT ${tenth});
    INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at, v2_component_id)
      SELECT user_id, platform, url, title, quality, status, added_at, 'queue' FROM download_history LIMIT ${tenth}`);
  db.close();
}

/** What was written last is there under the old release. */
function requireLate(): void {
  using db = new DatabaseSync(at(database), { readOnly: true });
  const found = db
    .prepare(`SELECT count(*) AS n FROM download_history WHERE title LIKE '% (late)'`)
    .get();
  // Some of those that were chosen may have been deleted before.
  const written = Number(fs.readFileSync(at('written.txt'), 'utf8'));
  assert.ok(written > late * 0.9);
  assert.equal(found?.['n'], written);
}

function backstep(main: string, ...args: string[]): string {
  const done = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8' });
  assert.equal(done.status, 0, `${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
  return done.stdout;
}

interface Report {
  readonly downtimeMs: number;
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
}

function reportOf(stdout: string): Report {
  const parsed: unknown = JSON.parse(stdout);
  if (isReport(parsed)) return parsed;
  throw new Error(`no report in ${stdout}`);
}

function isReport(value: unknown): value is Report {
  return (
    typeof value === 'object' &&
    value !== null &&
    'downtimeMs' in value &&
    typeof value.downtimeMs === 'number' &&
    'phases' in value &&
    Array.isArray(value.phases)
  );
}
