import { Announcements } from './database/announcements.ts';
import { Components } from './database/components.ts';
import { History } from './database/history.ts';
import { PerformanceMetrics } from './database/performance.ts';
import { PlatformConfigurations } from './database/platforms.ts';
import { PreferencesTable } from './database/preferences.ts';
import { Sessions } from './database/sessions.ts';
import { Themes } from './database/themes.ts';
import { ApiTokens } from './database/tokens.ts';
import { Users } from './database/users.ts';
import { DownloadEngine } from './downloads/engine.ts';
import { Exports, writeExports } from './exports.ts';
import { Faults } from './faults/faults.ts';
import { failingChecks, failingRegistry } from './faults/platforms.ts';
import type { Application } from './http/application.ts';
import { Metrics } from './http/metrics.ts';
import { ProgressHub } from './http/progress.ts';
import type { Log } from './log.ts';
import { PlatformChecks } from './platforms/checks.ts';
import { platformRegistry } from './platforms/registry.ts';
import type { Prepared } from './prepare.ts';
import { Sampling } from './sampling.ts';
import { platformSettings } from './settings/settings.ts';

/** Everything that runs while the server serves. */
export interface Composition {
  readonly app: Application;
  readonly engine: DownloadEngine;
  readonly exports: Exports;
  readonly sampling: Sampling;
}

/** What the engine works with too. */
type Shared = Pick<
  Application,
  'history' | 'preferences' | 'platforms' | 'metrics' | 'progress' | 'faults' | 'registry'
>;

/** Puts the parts together; starts nothing. */
export function compose(prepared: Prepared, log: Log): Composition {
  const { data, settings, database } = prepared;
  const exports = new Exports(() => writeExports(data, database), log);
  const exportSoon = (): void => exports.schedule();
  const faults = new Faults({ data, database, log, onRowsChanged: exportSoon });
  const shared: Shared = {
    faults,
    history: new History(database),
    preferences: new PreferencesTable(database),
    platforms: new PlatformConfigurations(database),
    metrics: new Metrics(),
    progress: new ProgressHub(),
    registry: failingRegistry(platformRegistry, faults),
  };
  const engine = newEngine(prepared, shared, { log, exportSoon });
  const checks = new PlatformChecks((platform) => platformSettings(settings, platform));
  const app: Application = {
    ...shared,
    data,
    log,
    settings,
    database,
    exportSoon,
    downloads: engine,
    downloadFolder: () => data.path(settings.config.value.downloads.folder),
    checks: failingChecks(checks, faults),
    users: new Users(database),
    sessions: new Sessions(database),
    announcements: new Announcements(database),
    tokens: new ApiTokens(database),
    components: new Components(database),
    themes: new Themes(database),
    performance: new PerformanceMetrics(database),
  };
  return { app, engine, exports, sampling: newSampling(app, engine) };
}

function newEngine(
  { data, settings }: Prepared,
  { history, preferences, platforms, metrics, progress, registry }: Shared,
  { log, exportSoon }: Pick<Application, 'log' | 'exportSoon'>,
): DownloadEngine {
  return new DownloadEngine({
    records: history,
    registry,
    place: (userId) => ({
      root: data.path(settings.config.value.downloads.folder),
      folder: preferences.of(userId).downloadFolder,
    }),
    settingsOf: (platform) => platformSettings(settings, platform),
    authOf: (platform) => platforms.find(platform)?.auth ?? null,
    isEnabled: (platform) => platforms.find(platform)?.isEnabled === true,
    maxConcurrent: () => settings.config.value.downloads.maxConcurrent,
    log: (event, fields) => log.info(event, fields),
    onChange(id) {
      exportSoon();
      progress.changed(id, history.find(id));
    },
    onFinished: (platform, result, bytes) => metrics.downloadEnded({ platform, result }, bytes),
  });
}

function newSampling(
  { log, metrics, performance, settings }: Application,
  engine: DownloadEngine,
): Sampling {
  return new Sampling({
    log,
    metrics,
    table: performance,
    settings: () => settings.performance.value,
    isOn: () => settings.config.value.features.performanceMetrics,
    bytesPerSecond: () => engine.totalBytesPerSecond(),
  });
}
