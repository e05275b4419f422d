import * as schema from '../settings/schema.ts';
import { partial, record, type Parsed } from '../shape.ts';
import type { Database } from './open.ts';
import { jsonOrNull, textOf, type Row } from './row.ts';

/** A user's preferences, in the words of the API. */
export const preferences = record({
  theme: schema.theme,
  language: schema.language,
  downloadFolder: schema.folderName,
  quality: schema.quality,
  ui: record(schema.listView),
});
export type Preferences = Parsed<typeof preferences>;

const storedView = partial(schema.listView);

/** The table `user_preferences`; a user without a row has the defaults. */
export class PreferencesTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  of(userId: number): Preferences {
    const row = this.#database.get('SELECT * FROM user_preferences WHERE user_id = :userId', {
      userId,
    });
    return row === undefined ? defaultPreferences() : preferencesOf(row);
  }

  put(userId: number, { ui, ...values }: Preferences): void {
    this.#database.run(
      `INSERT INTO user_preferences
         (user_id, theme, language, download_folder, quality, v1_ui_preferences, updated_at)
       VALUES (:userId, :theme, :language, :downloadFolder, :quality, :ui, :now)
       ON CONFLICT (user_id) DO UPDATE SET
         theme = excluded.theme, language = excluded.language,
         download_folder = excluded.download_folder, quality = excluded.quality,
         v1_ui_preferences = excluded.v1_ui_preferences, updated_at = excluded.updated_at`,
      { ...values, userId, ui: JSON.stringify(ui), now: new Date().toISOString() },
    );
  }
}

function preferencesOf(row: Row): Preferences {
  return preferences(
    {
      theme: row['theme'],
      language: row['language'],
      downloadFolder: textOf(row, 'download_folder'),
      quality: row['quality'],
      ui: {
        ...schema.userDefaultsDefaults.ui,
        ...jsonOrNull(row, 'v1_ui_preferences', storedView),
      },
    },
    'user_preferences',
  );
}

function defaultPreferences(): Preferences {
  const { download_folder: downloadFolder, ...others } = schema.userDefaultsDefaults;
  return { ...others, downloadFolder };
}
