import type { DataFolder } from './data.ts';
import type { Database } from './database/open.ts';
import { PlatformConfigurations } from './database/platforms.ts';
import { PreferencesTable } from './database/preferences.ts';
import { numberOf, type Row } from './database/row.ts';
import { Users } from './database/users.ts';
import { errorFields, type Log } from './log.ts';
import { writeJsonFile } from './settings/file.ts';
import { releaseVersion } from './settings/schema.ts';

const leastIntervalMs = 1_000;
const newestDownloads = 1_000;

/**
 * Writes `user_data/*.json` anew from the database, which is the truth: what other programs may read.
 * A file that says the same already is left untouched; there are no times of writing in them.
 */
export function writeExports(data: DataFolder, database: Database): void {
  writeJsonFile(data.path('user_data/download_history.json'), downloadHistory(database));
  writeJsonFile(data.path('user_data/saved_preferences.json'), savedPreferences(database));
  writeJsonFile(data.path('user_data/platform_auth.json'), platformAuth(database));
}

/** Writes the exports after changes, at most once a second. */
export class Exports {
  readonly #write: () => void;
  readonly #log: Log;
  #timer: NodeJS.Timeout | null = null;

  constructor(write: () => void, log: Log) {
    this.#write = write;
    this.#log = log;
  }

  /** Something has changed. Only logs a failure: the database has it, and the next change tries again. */
  schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#writeOrLog();
    }, leastIntervalMs);
  }

  /** Writes a last time. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#writeOrLog();
  }

  #writeOrLog(): void {
    try {
      this.#write();
    } catch (error) {
      this.#log.error('exports-failed', errorFields(error));
    }
  }
}

function downloadHistory(database: Database): object {
  const counted = database.get('SELECT count(*) AS total FROM download_history');
  const rows = database.all(
    `SELECT download_history.id, users.name AS user, platform, url, title, quality, status,
       file_name, size_bytes, added_at, finished_at
     FROM download_history JOIN users ON users.id = user_id
     ORDER BY download_history.id DESC LIMIT ${newestDownloads}`,
  );
  return {
    version: releaseVersion,
    total: numberOf(counted ?? {}, 'total'),
    downloads: rows.map((row: Row) => ({ ...row })),
  };
}

function savedPreferences(database: Database): object {
  const table = new PreferencesTable(database);
  const users = new Users(database).all().map(({ id, name }) => {
    const { downloadFolder, ui, ...others } = table.of(id);
    return [name, { ...others, download_folder: downloadFolder, ui }];
  });
  return { version: releaseVersion, users: Object.fromEntries(users) };
}

function platformAuth(database: Database): object {
  const platforms = new PlatformConfigurations(database)
    .all()
    .flatMap(({ platform, auth }) => (auth === null ? [] : [[platform, auth]]));
  return { version: releaseVersion, platforms: Object.fromEntries(platforms) };
}
