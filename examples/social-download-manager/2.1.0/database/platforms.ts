import type { PlatformAuth } from '../platforms/platform.ts';
import { record, text } from '../shape.ts';
import type { Database } from './open.ts';
import { jsonOrNull, numberOf, textOf } from './row.ts';

export const platformAuth = record({
  username: text({ min: 1, max: 200 }),
  password: text({ min: 1, max: 200 }),
});

export interface PlatformConfiguration {
  readonly platform: string;
  readonly isEnabled: boolean;
  readonly auth: PlatformAuth | null;
}

/** The table `platform_configurations`. */
export class PlatformConfigurations {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  all(): readonly PlatformConfiguration[] {
    return this.#database
      .all('SELECT * FROM platform_configurations ORDER BY platform')
      .map((row) => ({
        platform: textOf(row, 'platform'),
        isEnabled: numberOf(row, 'is_enabled') !== 0,
        auth: jsonOrNull(row, 'auth', platformAuth),
      }));
  }

  find(platform: string): PlatformConfiguration | null {
    return this.all().find((configuration) => configuration.platform === platform) ?? null;
  }

  put({ platform, isEnabled, auth }: PlatformConfiguration): void {
    const json = auth === null ? null : JSON.stringify(auth);
    this.#database.run(
      `UPDATE platform_configurations
       SET is_enabled = :isEnabled, auth = :json, updated_at = :now WHERE platform = :platform`,
      { platform, isEnabled: Number(isEnabled), json, now: new Date().toISOString() },
    );
  }
}
