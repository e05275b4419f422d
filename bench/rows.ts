/**
 * A rollback of Social Download Manager's database by the law, beside `VACUUM INTO` of the same present state: one
 * run, one disk, page cache warm, both synced. Beside the time on the clock stands the processor's, which a machine that
 * is busy with other things alters less.
 *
 *   node bench/rows.ts [--rows 1000000] [--changed 0.05] [--slim] [--in FOLDER]
 *
 * `--slim`: short rows (10,000,000 of them take about 1.2 GB). `--changed` may be a share, or a count above 1.
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mergeDatabases, type MergeReport } from '../src/law/rows/merge.ts';
import { surveyDatabases } from '../src/law/rows/survey/survey-database.ts';
import type { MergeTerms } from '../src/law/rows/terms.ts';
import { Database } from '../src/sqlite/database.ts';
import { migrationsOf, sdmTermsOf } from '../test/rows/sdm-databases.ts';
import { plainTerms } from '../test/rows/scene.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    changed: { type: 'string', default: '0.05' },
    slim: { type: 'boolean', default: false },
    in: { type: 'string', default: tmpdir() },
  },
});
const rowCount = Number(values.rows);
const changed = Number(values.changed);
const changedCount = changed > 1 ? changed : Math.round(rowCount * changed);
const fullRows = `
  INSERT INTO download_history(user_id, platform, url, title, uploader, quality, status, file_name, size_bytes, received_bytes, added_at, finished_at, legacy_ui_state)
  SELECT 1 + i % 2, 'youtube', 'https://example.com/watch?v=' || hex(i * 7919), 'A title of some length, number ' || i, 'uploader ' || i % 500, 'best',
    CASE i % 10 WHEN 0 THEN 'failed' ELSE 'done' END, 'file-' || i || '.mp4', i * 1000, i * 1000, '2026-01-01T00:00:' || i, '2026-01-01T00:10:' || i,
    iif(i % 3 = 0, '{"pinned":true,"expanded":false}', NULL) FROM n`;

const slimRows = `
  INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at)
  SELECT 1 + i % 2, 'youtube', 'https://example.com/' || i, 'Title ' || i, 'best',
    CASE i % 10 WHEN 0 THEN 'failed' ELSE 'done' END, '2026-01-01' FROM n`;

const folder = fs.mkdtempSync(join(values.in, 'backstep-rows-bench-'));
const at = (name: string): string => join(folder, name);
interface Taken {
  /** On the clock. */
  readonly ms: number;
  /** Of the processor, in the program and in the kernel on its behalf. */
  readonly cpuMs: number;
}

const nothing: Taken = { ms: 0, cpuMs: 0 };

const terms: MergeTerms = { ...plainTerms, ...sdmTermsOf('2.0.0', '1.2.1') };

try {
  makeStates();
  const sizeMb = Math.round(fs.statSync(at('now.db')).size / 1e6);
  console.log(`${rowCount} rows (${sizeMb} MB), ${changedCount} changed`);
  console.log(`${''.padEnd(38)} clock ms  CPU ms`);
  const [vacuumed] = await timed(vacuum);
  const surveyed = await timed(() =>
    surveyDatabases({ before: at('before.db'), after: at('after.db') }, terms),
  );
  const known = { ...terms, findings: surveyed[1].findings };
  const [alone] = await timed(() => merge('alone', terms));
  const phases = new Map<string, Taken>();
  const [withFindings, report] = await timed(() =>
    merge('known', { ...known, ...stopwatch(phases) }),
  );
  print({
    'VACUUM INTO': vacuumed,
    'survey (at upgrade time)': surveyed[0],
    'merge, survey included': alone,
    'merge, with the recorded findings': withFindings,
  });
  for (const [phase, taken] of phases) line(`    ${phase}`, taken);
  const proof = phases.get('reconcile') ?? nothing;
  const withoutProof = {
    ms: withFindings.ms - proof.ms,
    cpuMs: withFindings.cpuMs - proof.cpuMs,
  };
  const withProof = {
    ms: withFindings.ms + surveyed[0].ms,
    cpuMs: withFindings.cpuMs + surveyed[0].cpuMs,
  };
  ratio('ratio without proof', { taken: withoutProof, to: vacuumed });
  ratio('ratio with survey and reconciliation', { taken: withProof, to: vacuumed });
  console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  console.log(JSON.stringify(report.outcome.carried), JSON.stringify(report.outcome.parked));
} finally {
  fs.rmSync(folder, { recursive: true });
}

function makeStates(): void {
  const before = Database.open(at('before.db'));
  before.exec(`PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE; ${migrationsOf('1.2.1', 'all')};
    INSERT INTO users(name, password_hash, role, created_at) VALUES ('ann', 'x', 'admin', 't'), ('ben', 'y', 'member', 't');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rowCount}) ${values.slim ? slimRows : fullRows}`);
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

function instant(): Taken {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1_000 };
}

/** Adds up how long each phase takes. */
function stopwatch(phases: Map<string, Taken>): Pick<MergeTerms, 'enter'> {
  let [current, since] = ['', nothing];
  return {
    enter: (phase) => {
      const now = instant();
      const before = phases.get(current) ?? nothing;
      const taken = {
        ms: before.ms + now.ms - since.ms,
        cpuMs: before.cpuMs + now.cpuMs - since.cpuMs,
      };
      if (current !== '') phases.set(current, taken);
      [current, since] = [phase, now];
    },
  };
}

async function timed<T>(work: () => T | Promise<T>): Promise<[taken: Taken, result: T]> {
  const start = instant();
  const result = await work();
  const end = instant();
  return [{ ms: end.ms - start.ms, cpuMs: end.cpuMs - start.cpuMs }, result];
}

function print(rows: Readonly<Record<string, Taken>>): void {
  for (const [name, taken] of Object.entries(rows)) line(name, taken);
}

function line(name: string, { ms, cpuMs }: Taken): void {
  console.log(`${name.padEnd(38)} ${ms.toFixed(0).padStart(8)} ${cpuMs.toFixed(0).padStart(7)}`);
}

function ratio(name: string, { taken, to }: { readonly taken: Taken; readonly to: Taken }): void {
  const [clock, cpu] = [taken.ms / to.ms, taken.cpuMs / to.cpuMs];
  console.log(`${name.padEnd(38)} ${clock.toFixed(2).padStart(8)} ${cpu.toFixed(2).padStart(7)}`);
}
