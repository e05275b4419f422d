import * as schema from '../settings/schema.ts';
import { fitting, integer, nullable, object, record, type Parsed } from '../shape.ts';
import { layout, type Layout } from './layout.ts';
import type { Database } from './open.ts';
import { jsonOrNull, textOf, type Row } from './row.ts';

/** A user's preferences, in the words of the API. `themeId` is a theme of `v2_theme_configurations`, null for none. */
export const preferences = record({
  theme: schema.theme,
  themeId: nullable(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  language: schema.language,
  downloadFolder: schema.folderName,
  quality: schema.quality,
  ui: record(schema.listView),
});
export type Preferences = Parsed<typeof preferences>;

const view = record(schema.listView);

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
    return row === undefined
      ? preferencesOfDefaults(schema.userDefaultsDefaults)
      : preferencesOf(row);
  }

  put(userId: number, { ui, themeId, ...values }: Preferences): void {
    this.#database.run(
      `INSERT INTO user_preferences
         (user_id, theme, language, download_folder, quality, v2_theme_config, updated_at)
       VALUES (:userId, :theme, :language, :downloadFolder, :quality, :config, :now)
       ON CONFLICT (user_id) DO UPDATE SET
         theme = excluded.theme, language = excluded.language,
         download_folder = excluded.download_folder, quality = excluded.quality,
         v2_theme_config = excluded.v2_theme_config, updated_at = excluded.updated_at`,
      {
        ...values,
        userId,
        config: JSON.stringify({ schema: 2, activeTheme: themeId, ui }),
        now: new Date().toISOString(),
      },
    );
  }

  /** The order in which the user has arranged the components; null when never. */
  layoutOf(userId: number): Layout | null {
    const row = this.#database.get(
      'SELECT v2_component_layout FROM user_preferences WHERE user_id = :userId',
      { userId },
    );
    return row === undefined ? null : jsonOrNull(row, 'v2_component_layout', layout);
  }

  putLayout(userId: number, arranged: Layout): void {
    this.#database.transaction(() => {
      this.put(userId, this.of(userId));
      this.#database.run(
        'UPDATE user_preferences SET v2_component_layout = :json WHERE user_id = :userId',
        { userId, json: JSON.stringify(arranged) },
      );
    });
  }

  /** Nobody uses a theme that is deleted. */
  forgetTheme(themeId: number): void {
    this.#database.run(
      `UPDATE user_preferences SET v2_theme_config = json_set(v2_theme_config, '$.activeTheme', NULL)
       WHERE json_extract(v2_theme_config, '$.activeTheme') = :themeId`,
      { themeId },
    );
  }
}

/** What a new user begins with. */
export function preferencesOfDefaults({
  download_folder: downloadFolder,
  ...others
}: schema.UserDefaults): Preferences {
  return { ...others, downloadFolder, themeId: null };
}

function preferencesOf(row: Row): Preferences {
  const config = object(JSON.parse(textOf(row, 'v2_theme_config')), 'v2_theme_config');
  return preferences(
    {
      theme: row['theme'],
      themeId: config['activeTheme'] ?? null,
      language: row['language'],
      downloadFolder: textOf(row, 'download_folder'),
      quality: row['quality'],
      ui: viewOf(config['ui']),
    },
    'user_preferences',
  );
}

/** What 1.x has left in `ui` may be anything; what is no view of the list counts as none. */
function viewOf(stored: unknown): Preferences['ui'] {
  const { ui } = schema.userDefaultsDefaults;
  if (typeof stored !== 'object' || stored === null) return ui;
  return fitting(view, { ...ui, ...stored }) ?? ui;
}
