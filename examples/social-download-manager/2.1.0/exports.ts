import type { DataFolder } from './data.ts';
import { Components } from './database/components.ts';
import { downloads } from './database/downloads.ts';
import type { Database } from './database/open.ts';
import { PlatformConfigurations } from './database/platforms.ts';
import { PreferencesTable } from './database/preferences.ts';
import { numberOf, type Row } from './database/row.ts';
import { Themes } from './database/themes.ts';
import { Users } from './database/users.ts';
import { errorFields, type Log } from './log.ts';
import { writeJsonFile } from './settings/file.ts';
import { releaseVersion } from './settings/schema.ts';

const leastIntervalMs = 1_000;
const newestDownloads = 1_000;
/** Of the exports' shape; 1.x had none. */
const schema = 2;

/**
 * Writes `user_data/*.json`, the components and the themes anew from the database, which is the truth:
 * what other programs may read. A file that says the same already is left untouched; there are no times
 * of writing in them.
 */
export function writeExports(data: DataFolder, database: Database): void {
  writeJsonFile(data.path('component_manifest.json'), componentManifest(database));
  writeJsonFile(data.path('theme_configurations.json'), themeConfigurations(database));
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

function componentManifest(database: Database): object {
  return { version: releaseVersion, components: new Components(database).all() };
}

function themeConfigurations(database: Database): object {
  const names = userNames(database);
  const themes = new Themes(database).all().map(({ userId, name, colors }) => {
    const owner = userId === null ? null : (names.get(userId) ?? null);
    return { name, owner, colors };
  });
  return { schema, themes };
}

/** As the rows hold it: one that no page could show must not stand in the way of the others. */
function downloadHistory(database: Database): object {
  const counted = database.get('SELECT count(*) AS total FROM download_history');
  const rows = database.all(
    `SELECT download.*, users.name AS owner
     FROM ${downloads} AS download JOIN users ON users.id = user_id
     ORDER BY download.id DESC LIMIT ${newestDownloads}`,
  );
  return { schema, total: numberOf(counted ?? {}, 'total'), entries: rows.map(entryOf) };
}

function entryOf(row: Row): object {
  return {
    id: row['id'],
    owner: row['owner'],
    source: { url: row['url'], platform: row['platform'] },
    media: {
      title: row['title'],
      uploader: row['uploader'],
      durationSeconds: row['duration_seconds'],
    },
    file: { name: row['file_name'], sizeBytes: row['size_bytes'] },
    quality: row['quality'],
    state: row['status'],
    component: row['v2_component_id'],
    times: { added: row['added_at'], finished: row['finished_at'] },
  };
}

function savedPreferences(database: Database): object {
  const table = new PreferencesTable(database);
  const themes = new Map(new Themes(database).all().map(({ id, name }) => [id, name]));
  const profiles = new Users(database).all().map(({ id, name }) => {
    const { theme, themeId, language, downloadFolder, quality, ui } = table.of(id);
    return {
      user: name,
      theme: { mode: theme, active: themeId === null ? null : (themes.get(themeId) ?? null) },
      locale: language,
      folder: downloadFolder,
      quality,
      layout: table.layoutOf(id),
      ui,
    };
  });
  return { schema, profiles };
}

function platformAuth(database: Database): object {
  const credentials = new PlatformConfigurations(database)
    .all()
    .flatMap(({ platform, auth }) => (auth === null ? [] : [{ platform, ...auth }]));
  return { schema, credentials };
}

function userNames(database: Database): ReadonlyMap<number, string> {
  return new Map(new Users(database).all().map(({ id, name }) => [id, name]));
}
