import { basename } from 'node:path/posix';
import { assetsOf } from '../../manifest/manifest.ts';
import { readPseudoLink } from '../../service/pseudo-file.ts';
import type { Ground } from '../ground.ts';
import type { Shortfall } from './system-floor.ts';

export type SqliteVersion = readonly [major: number, minor: number, patch: number];

/** The oldest that reads what a newer one wrote. */
export const leastSqlite: SqliteVersion = [3, 35, 0];

const askMs = 10_000;

/**
 * The SQLite of the running application: Node has it within, and says which. Null where the application is another
 * program, or does not run.
 */
export async function runningSqlite({ host, service }: Ground): Promise<SqliteVersion | null> {
  for (const { pid } of await service.processes()) {
    const program = readPseudoLink(host, `/proc/${pid}/exe`);
    if (program === null || basename(program) !== 'node') continue;
    const command = { argv: [program, '-p', 'process.versions.sqlite'] } as const;
    const { code, stdout } = await host.processes.run(command, { limitMs: askMs });
    if (code === 0 && /^\d+\.\d+\.\d+\s*$/.test(stdout)) return sqliteVersion(stdout.trim());
  }
  return null;
}

/** Null where it is new enough, or unknown, or the application has no database. */
export async function sqliteShortfall(ground: Ground): Promise<Shortfall | null> {
  if (assetsOf(ground.manifest, 'sqlite').length === 0) return null;
  const running = await runningSqlite(ground);
  if (running === null || !isBefore(running, leastSqlite)) return null;
  return {
    about: 'SQLite of the application',
    found: `it runs with SQLite ${running.join('.')}; at least ${leastSqlite.join('.')} is needed to read what a newer one wrote`,
    remedy: 'run the application with a newer SQLite before the next upgrade',
  };
}

export function sqliteVersion(text: string): SqliteVersion {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  return [major, minor, patch];
}

export function isBefore(one: SqliteVersion, other: SqliteVersion): boolean {
  const [major, minor, patch] = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
  return (major || minor || patch) < 0;
}
