import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Announcements } from './database/announcements.ts';
import { Components } from './database/components.ts';
import { History } from './database/history.ts';
import { errorCode } from './database/open.ts';
import { PerformanceMetrics } from './database/performance.ts';
import { PlatformConfigurations } from './database/platforms.ts';
import { PreferencesTable } from './database/preferences.ts';
import { Sessions } from './database/sessions.ts';
import { Themes } from './database/themes.ts';
import { ApiTokens } from './database/tokens.ts';
import { Users } from './database/users.ts';
import { DownloadEngine } from './downloads/engine.ts';
import { Exports, writeExports } from './exports.ts';
import type { Application } from './http/application.ts';
import { Metrics } from './http/metrics.ts';
import { ProgressHub } from './http/progress.ts';
import { allRoutes } from './http/routes.ts';
import { createHttpServer } from './http/server.ts';
import { createLog, errorFields, type Log } from './log.ts';
import { PlatformChecks } from './platforms/checks.ts';
import { platformRegistry } from './platforms/registry.ts';
import { Sampling } from './sampling.ts';
import { prepare, type Prepared } from './prepare.ts';
import { Refusal } from './refusal.ts';
import { releaseVersion } from './settings/schema.ts';
import { damagedFiles, platformSettings } from './settings/settings.ts';
import { stopHttp, stopSignal } from './stop.ts';

export interface ServeOptions {
  readonly data: string;
  readonly host: string;
  readonly port: number;
}

/** Serves until SIGTERM or SIGINT, then stops within 5 s. Throws `Refusal` when it cannot begin. */
export async function serve(options: ServeOptions): Promise<void> {
  const stopped = stopSignal();
  const prepared = prepare(options.data);
  const log = createLog(prepared.settings.config.value.application.logLevel);
  const exports = new Exports(() => writeExports(prepared.data, prepared.database), log);
  const { app, engine } = compose(prepared, { log, exports });
  const sampling = new Sampling({
    log,
    table: app.performance,
    metrics: app.metrics,
    settings: () => app.settings.performance.value,
    isOn: () => app.settings.config.value.features.performanceMetrics,
  });
  const server = createHttpServer(app, allRoutes(app));
  // One failure that nobody has caught is no reason to take the service away from everybody.
  process.on('unhandledRejection', (error) => log.error('unhandled', errorFields(error)));
  try {
    const port = await listen(server, options);
    prepared.lock.announce({ port, version: releaseVersion });
    announceStart(prepared, log);
    log.info('listening', { host: options.host, port, version: releaseVersion });
    engine.start();
    sampling.start();
    log.info('stopping', { signal: await stopped });
    app.progress.close();
    await Promise.all([stopHttp(server), engine.close()]);
    sampling.close();
    exports.close();
  } finally {
    prepared.close();
  }
  log.info('stopped');
}

function compose(
  prepared: Prepared,
  { log, exports }: { readonly log: Log; readonly exports: Exports },
): { readonly app: Application; readonly engine: DownloadEngine } {
  const { data, settings, database } = prepared;
  const history = new History(database);
  const preferences = new PreferencesTable(database);
  const platforms = new PlatformConfigurations(database);
  const metrics = new Metrics();
  const progress = new ProgressHub();
  const downloadFolder = (): string => data.path(settings.config.value.downloads.folder);
  const settingsOf = (platform: string) => platformSettings(settings, platform);
  const exportSoon = (): void => exports.schedule();
  const engine = new DownloadEngine({
    records: history,
    registry: platformRegistry,
    place: (userId) => ({ root: downloadFolder(), folder: preferences.of(userId).downloadFolder }),
    settingsOf,
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
  const app: Application = {
    data,
    log,
    metrics,
    settings,
    database,
    history,
    preferences,
    platforms,
    downloadFolder,
    exportSoon,
    progress,
    downloads: engine,
    registry: platformRegistry,
    users: new Users(database),
    sessions: new Sessions(database),
    announcements: new Announcements(database),
    tokens: new ApiTokens(database),
    components: new Components(database),
    themes: new Themes(database),
    performance: new PerformanceMetrics(database),
    checks: new PlatformChecks(settingsOf),
  };
  return { app, engine };
}

function announceStart({ settings, migrated }: Prepared, log: Log): void {
  if (migrated.length > 0) log.info('migrated', { applied: migrated, version: releaseVersion });
  for (const file of damagedFiles(settings)) log.warn('settings-damaged', { ...file });
}

/** The port that the server listens on. */
async function listen(server: Server, { host, port }: ServeOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port }, () => resolve());
  }).catch((error: unknown) => {
    const code = errorCode(error);
    if (code === null) throw error;
    throw new Refusal(`cannot listen on ${host}:${port}: ${code}`, {
      hint: 'choose another address with --host and --port',
      cause: error,
    });
  });
  return addressOf(server).port;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError('the server listens on no port');
  return address;
}
