/**
 * A rollback of Social Download Manager's database by the law, beside `VACUUM INTO` of the same present state: one
 * run, one disk, page cache warm, both synced.
 *
 *   node bench/rows.ts [--rows 1000000] [--changed 0.05] [--in FOLDER]
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mergeDatabases, type MergeReport } from '../src/law/rows/merge.ts';
import { surveyDatabases } from '../src/law/rows/survey-database.ts';
import type { MergeTerms } from '../src/law/rows/terms.ts';
import { Database } from '../src/sqlite/database.ts';
import { migrationsOf, sdmTermsOf } from '../test/rows/sdm-databases.ts';
import { plainTerms } from '../test/rows/scene.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    changed: { type: 'string', default: '0.05' },
    in: { type: 'string', default: tmpdir() },
  },
});
const rowCount = Number(values.rows);
const changedCount = Math.round(rowCount * Number(values.changed));
const folder = fs.mkdtempSync(join(values.in, 'backstep-rows-bench-'));
const at = (name: string): string => join(folder, name);
const terms: MergeTerms = { ...plainTerms, ...sdmTermsOf('2.0.0', '1.2.1') };

try {
  makeStates();
  const sizeMb = Math.round(fs.statSync(at('now.db')).size / 1e6);
  console.log(`${rowCount} rows (${sizeMb} MB), ${changedCount} changed, milliseconds`);
  const [vacuumMs] = await timed(vacuum);
  const surveyed = await timed(() =>
    surveyDatabases({ before: at('before.db'), after: at('after.db') }, terms),
  );
  const known = { ...terms, findings: surveyed[1].findings };
  const [aloneMs] = await timed(() => merge('alone', terms));
  const phases = new Map<string, number>();
  const [knownMs, report] = await timed(() => merge('known', { ...known, ...stopwatch(phases) }));
  print({
    'VACUUM INTO': vacuumMs,
    'survey (at upgrade time)': surveyed[0],
    'merge, survey included': aloneMs,
    'merge, with the recorded findings': knownMs,
  });
  for (const [phase, ms] of phases)
    console.log(`    ${phase.padEnd(34)} ${ms.toFixed(0).padStart(8)}`);
  console.log(
    `ratio ${(knownMs / vacuumMs).toFixed(2)}, survey included ${(aloneMs / vacuumMs).toFixed(2)}`,
  );
  console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  console.log(JSON.stringify(report.outcome.carried), JSON.stringify(report.outcome.parked));
} finally {
  fs.rmSync(folder, { recursive: true });
}

function makeStates(): void {
  const before = Database.open(at('before.db'));
  before.exec(`PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE; ${migrationsOf('1.2.1', 'all')};
    INSERT INTO users(name, password_hash, role, created_at) VALUES ('ann', 'x', 'admin', 't'), ('ben', 'y', 'member', 't');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rowCount})
    INSERT INTO download_history(user_id, platform, url, title, uploader, quality, status, file_name, size_bytes, received_bytes, added_at, finished_at, legacy_ui_state)
    SELECT 1 + i % 2, 'youtube', 'https://example.com/watch?v=' || hex(i * 7919), 'A title of some length, number ' || i, 'uploader ' || i % 500, 'best',
      CASE i % 10 WHEN 0 THEN 'failed' ELSE 'done' END, 'file-' || i || '.mp4', i * 1000, i * 1000, '2026-01-01T00:00:' || i, '2026-01-01T00:10:' || i,
      iif(i % 3 = 0, '{"pinned":true,"expanded":false}', NULL) FROM n`);
  before.close();
  fs.copyFileSync(at('before.db'), at('after.db'));
  const after = Database.open(at('after.db'));
  after.exec(`PRAGMA synchronous = OFF; ${migrationsOf('2.0.0', 'own')}`);
  after.close();
  fs.copyFileSync(at('after.db'), at('now.db'));
  const now = Database.open(at('now.db'));
  const tenth = Math.round(changedCount / 10);
  const every = Math.max(1, Math.floor(rowCount / (changedCount - 2 * tenth)));
  now.exec(`PRAGMA synchronous = OFF;
    UPDATE download_history SET title = title || ' (retitled)', v2_state_snapshot = '{"schema":2,"ui":{"pinned":false}}' WHERE id % ${every} = 0;
    DELETE FROM download_history WHERE id IN (SELECT id FROM download_history WHERE id % ${every} = 1 LIMIT ${tenth});
    INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at, v2_component_id)
      SELECT user_id, platform, url, title, quality, status, added_at, 'queue' FROM download_history LIMIT ${tenth}`);
  now.close();
}

function vacuum(): void {
  const db = Database.open(at('now.db'), { readOnly: true });
  db.exec(`VACUUM INTO '${at('vacuumed.db').replaceAll("'", "''")}'`);
  db.close();
  sync(at('vacuumed.db'));
}

async function merge(name: string, how: MergeTerms): Promise<MergeReport> {
  const report = await mergeDatabases(
    {
      base: at('before.db'),
      origin: at('after.db'),
      latest: at('now.db'),
      result: at(`${name}.db`),
      parked: at(`${name}.parked`),
      scratch: at(`${name}.scratch`),
    },
    how,
  );
  if (report.discrepancies.length > 0) throw new Error(JSON.stringify(report.discrepancies));
  sync(at(`${name}.db`));
  sync(at(`${name}.parked`));
  return report;
}

function sync(path: string): void {
  const file = fs.openSync(path, 'r+');
  fs.fsyncSync(file);
  fs.closeSync(file);
}

/** Adds up how long each phase takes. */
function stopwatch(phases: Map<string, number>): Pick<MergeTerms, 'enter'> {
  let [current, since] = ['', 0];
  return {
    enter: (phase) => {
      const now = performance.now();
      if (current !== '') phases.set(current, (phases.get(current) ?? 0) + now - since);
      [current, since] = [phase, now];
    },
  };
}

async function timed<T>(work: () => T | Promise<T>): Promise<[ms: number, result: T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

function print(rows: Readonly<Record<string, number>>): void {
  for (const [name, ms] of Object.entries(rows))
    console.log(`${name.padEnd(38)} ${ms.toFixed(0).padStart(8)}`);
}
