import { join, resolve } from 'node:path/posix';
import type { AssetHandler } from '../asset/asset.ts';
import { openAssets } from '../asset/kinds.ts';
import { currentUnit } from '../asset/release-site.ts';
import { openAudit, type Audit } from '../audit/audit.ts';
import { openReleases } from '../asset/releases.ts';
import { makeDurableFolders } from '../host/whole-file.ts';
import { findManifest, loadManifest } from '../manifest/load.ts';
import { fillIn, fillInCommand, type PlaceholderValues } from '../manifest/placeholder.ts';
import { valuesOf, type Manifest, type Territory } from '../manifest/manifest.ts';
import { ownership } from '../manifest/territory.ts';
import { openService, type ServiceDefinition } from '../service/kinds.ts';
import { acquireLock } from '../store/lock.ts';
import { openStore } from '../store/store.ts';
import { stateFolders } from '../switch/book.ts';
import type { Ground } from '../switch/ground.ts';
import type { Call, Surroundings } from './context.ts';

/** Loads the manifest that the call means: `--manifest FILE`, else the nearest one here or above. */
export function loadCalled(call: Call): Manifest {
  const { host, system, cwd, flags } = call;
  const file =
    flags.manifest === undefined
      ? findManifest(host.disk, cwd, system)
      : resolve(cwd, flags.manifest);
  return loadManifest(host.disk, file, system);
}

/** Composes everything that acts on one application. */
export function openGround(call: Call): Ground {
  return openApplication(call, loadCalled(call));
}

export function openApplication(surroundings: Surroundings, manifest: Manifest): Ground {
  const { host, system, node } = surroundings;
  const folders = stateFolders(manifest.state);
  const environment = system.env;
  const { root, layout } = manifest.releases;
  const releases = openReleases(host, { root, layout, state: manifest.state });
  const running = layout === 'symlink' ? join(root, currentUnit) : root;
  const values = valuesOf(manifest, { node, release: running });
  const definition = serviceDefinition(manifest, values);
  const assetsOf = (each: Manifest): readonly AssetHandler[] =>
    openAssets(each, {
      host,
      environment,
      ownerOf: ownership(territoriesOf(each), each.platform),
      fill: (command, more) => fillInCommand(command, { ...values, ...more }),
    });
  return {
    host,
    manifest,
    folders,
    store: openStore(host, folders.store),
    audit: openAuditLog(surroundings, folders.audit),
    assets: assetsOf(manifest),
    openAssets: assetsOf,
    releases,
    serviceDefinition: definition,
    service: openService(definition, {
      host,
      folder: folders.service,
      releaseFolders: [root],
      environment,
    }),
    node,
    environment,
  };
}

/** How long an entry waits while another process writes one. */
const auditWaitMs = 10_000;

function openAuditLog({ host, system }: Surroundings, folder: string): Audit {
  const { SUDO_USER, USER, LOGNAME, USERNAME } = system.env;
  const exclusively = async <T>(work: () => T): Promise<T> => {
    const locks = join(folder, 'lock');
    makeDurableFolders(host.disk, locks, 0o700);
    const lock = await acquireLock(host, locks, { purpose: 'audit', waitMs: auditWaitMs });
    try {
      return work();
    } finally {
      lock.release();
    }
  };
  const account = SUDO_USER ?? USER ?? LOGNAME ?? USERNAME ?? 'unknown';
  return openAudit({ host, folder, account, exclusively });
}

function territoriesOf({ assets }: Manifest): Readonly<Record<string, readonly Territory[]>> {
  return Object.fromEntries(Object.values(assets).map(({ name, territory }) => [name, territory]));
}

/** The service with its placeholders filled in. */
function serviceDefinition({ service }: Manifest, values: PlaceholderValues): ServiceDefinition {
  if (service.manager !== 'process') return service;
  const env = Object.entries(service.env).map(([name, value]) => [name, fillIn(value, values)]);
  return {
    ...service,
    run: fillInCommand({ argv: service.run }, values),
    env: Object.fromEntries(env),
  };
}
