import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { programOf } from './installation.ts';
import { startRelease, type EndedRelease, type RunningRelease } from './release-process.ts';

/** What one statement came to. */
export interface StatementResult {
  readonly sql: string;
  /** What SQLite said; null where the statement was accepted. */
  readonly error: string | null;
}

export interface ManualResult {
  readonly statements: readonly StatementResult[];
  readonly release: RunningRelease | EndedRelease;
}

/** Where the manual has the copy that was taken before the upgrade: within the folder that it is copied over. */
export const configurationBackup = 'backup/v1.2.1';

/**
 * The manual's script (4.1 to 4.3), step by step, on a copy of the state in `folder/data` with the backup
 * of the configuration inside. A recorded process id stands in for a kill by name, which would end
 * every other copy on this machine as well.
 */
export async function followManual(folder: string, waitMs: number): Promise<ManualResult> {
  const [data, program] = [join(folder, 'data'), join(folder, 'program')];
  // As the upgrade left the machine: 2.0.0 runs, and keeps the old program beside its own files.
  copyOver(programOf('2.0.0'), program);
  copyOver(programOf('1.2.1'), join(program, configurationBackup));
  const running = await startRelease(program, data, ['--fault', 'platform-failing=direct']);

  // Step 1: stop, then wait.
  if (running.kind === 'listening') await running.stop();
  await sleep(waitMs);
  // Step 2: an emergency copy. Nothing below reads it.
  copyOver(data, join(folder, 'emergency-backup'));
  // Step 3: the old configuration over the new one; what only the new release has stays.
  copyOver(join(data, configurationBackup), data);
  // Step 4: the database.
  const statements = runStatements(join(data, 'sdm.db'));
  // Step 5: the old program over the new one. What only the new release has stays, its migration among it:
  // 1.2.1 then takes the database of 2.0.0 for one that it knows.
  copyOver(join(program, configurationBackup), program);
  // Step 6 is a script that the manual names and does not hold; here 1.2.1 is asked instead.
  return { statements, release: await startRelease(program, data) };
}

/** `cp -r FROM/* TO/` */
function copyOver(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    cpSync(join(from, name), join(to, name), { recursive: true });
  }
}

/** Each statement by itself, going on after an error, as the SQLite shell does with a script. */
function runStatements(path: string): StatementResult[] {
  const script = readFileSync(join(import.meta.dirname, 'manual.sql'), 'utf8');
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    return script
      .replaceAll(/^--.*$/gm, '')
      .split(/;\s*$/m)
      .map((sql) => sql.replaceAll(/\s+/g, ' ').trim())
      .filter((sql) => sql !== '')
      .map((sql) => ({ sql, error: errorOf(database, sql) }));
  } finally {
    database.close();
  }
}

function errorOf(database: DatabaseSync, sql: string): string | null {
  try {
    database.prepare(sql).all();
    return null;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error) return error.message;
    throw error;
  }
}
