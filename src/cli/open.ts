import { join, resolve } from 'node:path/posix';
import type { AssetHandler } from '../asset/asset.ts';
import { openAssets } from '../asset/kinds.ts';
import { currentUnit } from '../asset/release-site.ts';
import { openReleases } from '../asset/releases.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { findManifest, loadManifest } from '../manifest/load.ts';
import { fillInCommand, type PlaceholderValues } from '../manifest/placeholder.ts';
import { valuesOf, type Manifest, type Territory } from '../manifest/manifest.ts';
import { ownership } from '../manifest/territory.ts';
import { openService, type ServiceDefinition } from '../service/kinds.ts';
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
    assets: assetsOf(manifest),
    openAssets: assetsOf,
    releases,
    service: openService(serviceDefinition(manifest, values), {
      host,
      folder: folders.service,
      releaseFolders: [root],
      environment,
    }),
    node,
    environment,
  };
}

/** What stays down after so many crashes in a row, and how it waits between them. */
const restartPolicy = { limit: 5, firstWaitMs: 1000, longestWaitMs: 60_000, soundAfterMs: 60_000 };
const logBytes = 20 << 20;

function territoriesOf({ assets }: Manifest): Readonly<Record<string, readonly Territory[]>> {
  return Object.fromEntries(Object.values(assets).map(({ name, territory }) => [name, territory]));
}

function serviceDefinition(manifest: Manifest, values: PlaceholderValues): ServiceDefinition {
  const { service } = manifest;
  switch (service.manager) {
    case 'process':
      return {
        manager: 'process',
        run: [...fillInCommand(service.run, values)],
        env: service.env,
        cwd: manifest.folder,
        user: service.user,
        port: service.port,
        stopTimeoutMs: service.stopTimeout,
        restart: restartPolicy,
        logBytes,
      };
    case 'systemd':
      return {
        manager: 'systemd',
        unit: service.unit,
        scope: service.scope,
        stopTimeoutMs: service.stopTimeout,
      };
    case 'none':
      return { manager: 'none' };
    case 'launchd':
    case 'windows':
    case 'compose':
      throw new BackstepError('switch/refused', {
        message: `${manifest.file}: service.manager: ${service.manager} is not supported yet`,
        hint: 'use systemd, process or none',
      });
  }
}
