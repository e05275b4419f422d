import type { DataFolder } from '../data.ts';
import type { Announcements } from '../database/announcements.ts';
import type { Components } from '../database/components.ts';
import type { History } from '../database/history.ts';
import type { Database } from '../database/open.ts';
import type { PerformanceMetrics } from '../database/performance.ts';
import type { PlatformConfigurations } from '../database/platforms.ts';
import type { PreferencesTable } from '../database/preferences.ts';
import type { Sessions } from '../database/sessions.ts';
import type { Themes } from '../database/themes.ts';
import type { ApiTokens } from '../database/tokens.ts';
import type { Users } from '../database/users.ts';
import type { Faults } from '../faults/faults.ts';
import type { Log } from '../log.ts';
import type { Platform, PlatformCheck } from '../platforms/platform.ts';
import type { PlatformRegistry } from '../platforms/registry.ts';
import type { Settings } from '../settings/settings.ts';
import type { Metrics } from './metrics.ts';
import type { ProgressHub } from './progress.ts';

/** What the routes ask of the engine. */
export interface DownloadQueue {
  enqueue(id: number): void;
  cancel(id: number): void;
  resume(id: number): void;
  retry(id: number): void;
  remove(id: number, options: { readonly withFile: boolean }): void | Promise<void>;
  bytesPerSecond(id: number): number;
}

/** Everything that the routes work with, put together in `serve.ts`. */
export interface Application {
  readonly data: DataFolder;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: Settings;
  readonly database: Database;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly preferences: PreferencesTable;
  readonly history: History;
  readonly platforms: PlatformConfigurations;
  readonly announcements: Announcements;
  readonly tokens: ApiTokens;
  readonly components: Components;
  readonly themes: Themes;
  readonly performance: PerformanceMetrics;
  readonly registry: PlatformRegistry;
  readonly checks: { check(platform: Platform): Promise<PlatformCheck> };
  readonly faults: Faults;
  readonly downloads: DownloadQueue;
  readonly progress: ProgressHub;
  /** The absolute path of the download folder as it is set now. */
  downloadFolder(): string;
  /** Something that the exports show has changed. */
  exportSoon(): void;
}
