import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compose, type Composition } from './compose.ts';
import { errorCode } from './database/open.ts';
import type { Fault } from './faults/fault.ts';
import { crash, type Faults } from './faults/faults.ts';
import { isCrashRemembered } from './faults/remembered.ts';
import { allRoutes } from './http/routes.ts';
import { createHttpServer } from './http/server.ts';
import { createLog, errorFields, type Log } from './log.ts';
import { prepare, type Prepared } from './prepare.ts';
import { Refusal } from './refusal.ts';
import { releaseVersion } from './settings/schema.ts';
import { damagedFiles } from './settings/settings.ts';
import { stopHttp, stopSignal } from './stop.ts';

export interface ServeOptions {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  /** To be switched on at the start. */
  readonly faults: readonly Fault[];
}

/** Serves until SIGTERM or SIGINT, then stops within 5 s. Throws `Refusal` when it cannot begin. */
export async function serve(options: ServeOptions): Promise<void> {
  let isIgnored: (signal: NodeJS.Signals) => boolean = () => false;
  const stopped = stopSignal((signal) => isIgnored(signal));
  const prepared = prepare(options.data);
  const log = createLog(prepared.settings.config.value.application.logLevel);
  // One failure that nobody has caught is no reason to take the service away from everybody.
  process.on('unhandledRejection', (error) => log.error('unhandled', errorFields(error)));
  try {
    const running = compose(prepared, log);
    const { faults } = running.app;
    isIgnored = (signal) => faults.ignores(signal);
    beginFaults(prepared, faults, { log, wanted: options.faults });
    const server = createHttpServer(running.app, allRoutes(running.app));
    const port = await listen(server, options);
    prepared.lock.announce({ port, version: releaseVersion });
    announceStart(prepared, log);
    log.info('listening', { host: options.host, port, version: releaseVersion });
    running.engine.start();
    running.sampling.start();
    log.info('stopping', { signal: await stopped });
    await stop(running, server);
  } finally {
    prepared.close();
  }
  log.info('stopped');
}

async function stop(
  { app, engine, sampling, exports }: Composition,
  server: Server,
): Promise<void> {
  app.faults.close();
  app.progress.close();
  sampling.close();
  await Promise.all([stopHttp(server), engine.close()]);
  exports.close();
}

function beginFaults(
  { data }: Prepared,
  faults: Faults,
  { log, wanted }: { readonly log: Log; readonly wanted: readonly Fault[] },
): void {
  const isCrash = wanted.some(({ name }) => name === 'crash-at-start');
  if (isCrash || isCrashRemembered(data)) crash('crash-at-start', log);
  for (const fault of wanted) faults.switchOn(fault);
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
