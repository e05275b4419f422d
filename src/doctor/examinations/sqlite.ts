import { assetsOf } from '../../manifest/manifest.ts';
import { Database } from '../../sqlite/database.ts';
import { readWriter } from '../../sqlite/header.ts';
import type { Ground } from '../../switch/ground.ts';
import {
  isBefore,
  leastSqlite,
  runningSqlite,
  sqliteShortfall,
  sqliteVersion,
  type SqliteVersion,
} from '../../switch/preflight/sqlite-floor.ts';
import type { DoctorFinding, Examination } from '../doctor.ts';

export const sqlite: readonly Examination[] = [
  { about: 'SQLite of Backstep', look: () => ownSqlite() },
  { about: 'SQLite of the application', look: ({ ground }) => itsSqlite(ground) },
];

function ownSqlite(): DoctorFinding[] {
  const db = Database.open(':memory:');
  try {
    const [version = ''] = db.texts('SELECT sqlite_version()');
    if (!isBefore(sqliteVersion(version), leastSqlite)) return [];
    const found = `${version}, at least ${leastSqlite.join('.')} is needed`;
    const remedy = 'run Backstep with a newer Node';
    return [{ severity: 'error', about: 'SQLite of Backstep', found, remedy }];
  } finally {
    db.close();
  }
}

const firstWal = [3, 7, 0] as const;
const mended = [3, 51, 3] as const;

/**
 * A database in WAL mode may be damaged where two connections write and reset the WAL at once, from 3.7.0 to
 * 3.51.2 (https://www.sqlite.org/wal.html). The version is that of the running program where it tells; else that of
 * whoever wrote the file last, which after a switch is Backstep.
 */
async function itsSqlite(ground: Ground): Promise<DoctorFinding[]> {
  const { disk } = ground.host;
  if (assetsOf(ground.manifest, 'sqlite').length === 0) return [];
  const short = await sqliteShortfall(ground);
  if (short !== null) return [{ severity: 'error', ...short }];
  const running = await runningSqlite(ground);
  const writers = assetsOf(ground.manifest, 'sqlite').flatMap(({ name, path }) => {
    const writer = disk.lstat(path)?.kind === 'file' ? readWriter(disk, path) : null;
    return writer?.isWal === true ? [{ name, version: fromNumber(writer.version) }] : [];
  });
  return writers.flatMap(({ name, version: last }) => {
    const version = running ?? last;
    if (isBefore(version, firstWal) || !isBefore(version, mended)) return [];
    const how = running === null ? 'was last written by' : 'is written by';
    const found = `${name} is in WAL mode and ${how} SQLite ${version.join('.')}, which may damage it when two connections reset the WAL at once`;
    const remedy = 'run the application with SQLite 3.51.3 or newer';
    return [{ severity: 'warning', about: 'SQLite of the application', found, remedy }];
  });
}

/** As SQLite counts: 3051002 is 3.51.2. */
function fromNumber(version: number): SqliteVersion {
  return [Math.floor(version / 1e6), Math.floor(version / 1e3) % 1e3, version % 1e3];
}
