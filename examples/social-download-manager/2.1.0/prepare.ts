import { existsSync, mkdirSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { openDataFolder, type DataFolder } from './data.ts';
import { migrate, migrationState } from './database/migrate.ts';
import { openDatabase, type Database } from './database/open.ts';
import { writeExports } from './exports.ts';
import { lockFolder, type FolderLock } from './lock.ts';
import { openSettings, type Settings } from './settings/settings.ts';

/** A data folder that is ours alone and of this release's shape. */
export interface Prepared {
  readonly data: DataFolder;
  readonly lock: FolderLock;
  readonly settings: Settings;
  readonly database: Database;
  /** Versions whose migrations have just been applied. */
  readonly migrated: readonly string[];
  close(): void;
}

/**
 * Takes the data folder and brings everything in it to this release. May run any number of times;
 * a crash in between is made good by the next run. Throws `Refusal` when the folder is in use, or of
 * a newer release, and has then changed nothing.
 */
export function prepare(folder: string): Prepared {
  const data = openDataFolder(folder);
  const lock = lockFolder(data);
  try {
    const database = openDatabase(data.path('sdm.db'));
    try {
      return {
        data,
        lock,
        database,
        ...bringUp(data, database),
        close: () => close(database, lock),
      };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    lock.close();
    throw error;
  }
}

/**
 * The database first, in one transaction a migration: where that fails, no file has changed. The files
 * follow, and each of them says by its shape whether it still has to.
 */
function bringUp(data: DataFolder, database: Database): Pick<Prepared, 'settings' | 'migrated'> {
  const isFirstStart = migrationState(database).applied.length === 0;
  const first = isFirstStart ? openSettings(data) : null;
  if (first !== null) makeDownloadFolder(data, first);
  const migrated = migrate(database);
  const settings = first ?? openSettings(data);
  writeExports(data, database);
  return { settings, migrated };
}

/** Only at the first start: later a folder that is gone may be a disk that is not there. */
function makeDownloadFolder(data: DataFolder, settings: Settings): void {
  const { folder } = settings.config.value.downloads;
  if (!isAbsolute(folder) && !existsSync(data.path(folder)))
    mkdirSync(data.path(folder), { recursive: true, mode: 0o700 });
}

function close(database: Database, lock: FolderLock): void {
  try {
    database.close();
  } finally {
    lock.close();
  }
}
