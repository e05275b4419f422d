import { join } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import { trySeclusion, type Seclusion } from '../../host/seclusion.ts';
import { isInside } from '../../manifest/territory.ts';
import { literalStart, type Pattern } from '../../manifest/pattern.ts';
import type { Territory } from '../../manifest/manifest.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { exists } from '../moves.ts';

export interface SeclusionRequest {
  readonly wish: 'auto' | 'required' | 'off';
  /** The folders of the copy, which may lie within a live one. */
  readonly copies: readonly string[];
  /** Told why a release is not secluded, where it was to be if that can be had. */
  readonly warn: (message: string) => void;
}

/**
 * How a release that migrates a copy is held off from the network and from the live files; null where it is not. Throws
 * `switch/unsupported` where that was required and cannot be had.
 */
export async function seclusionFor(
  ground: Ground,
  { wish, copies, warn }: SeclusionRequest,
): Promise<Seclusion | null> {
  if (wish === 'off') return null;
  const { shields, within } = shieldsOf(ground);
  const openings = [...copies, ...within].filter((path) =>
    shields.some((shield) => isInside(path, shield, ground.manifest.platform)),
  );
  const path = ground.environment['PATH'];
  const env: Record<string, string> = path === undefined ? {} : { PATH: path };
  const found = await trySeclusion(ground.host.processes, { shields, openings }, env);
  if (!('why' in found)) return found;
  if (wish === 'required') {
    throw new BackstepError('switch/unsupported', {
      message: `a release that migrates a copy cannot be cut off from the network and the live files here: ${found.why}`,
      hint: 'run as root, or allow user namespaces, with util-linux and iproute2 there; or write `migrate: { seclude: auto }`; nothing was touched',
    });
  }
  warn(
    `the release that migrates the copy is not cut off from the network, nor from the live files: ${found.why}`,
  );
  return null;
}

/** Refuses an upgrade, before the application is stopped, that requires what cannot be had. */
export async function requireSeclusion(ground: Ground): Promise<void> {
  const { migrate } = ground.manifest;
  if (migrate === null || !('start' in migrate) || migrate.seclude !== 'required') return;
  await seclusionFor(ground, { wish: 'required', copies: [], warn: () => undefined });
}

interface Shields {
  readonly shields: readonly string[];
  /** What lies within these and is no asset's: an application may need to write there. */
  readonly within: readonly string[];
}

/** The live files of the assets, one by one; a folder where all that lies in it is an asset's. */
function shieldsOf(ground: Ground): Shields {
  const { disk } = ground.host;
  const territories = stateAssets(ground).flatMap(
    ({ name }) => ground.manifest.assets[name]?.territory ?? [],
  );
  const folders = territories.flatMap(wholeFolders).filter((path) => exists(disk, path));
  const isCovered = (path: string): boolean =>
    folders.some((folder) => isInside(path, folder, ground.manifest.platform));
  const files = stateAssets(ground)
    .flatMap((asset) => {
      const appearing = (asset.mayAppear?.() ?? []).map((unit) => asset.placeOf(unit));
      return [...asset.live().values(), ...appearing];
    })
    .filter((path) => disk.lstat(path)?.kind === 'file' && !isCovered(path));
  const within = territories
    .flatMap(({ root, exclude }) => exclude.flatMap((pattern) => wholeFolder(root, pattern)))
    .filter((path) => exists(disk, path));
  return { shields: [...new Set([...folders, ...files])], within };
}

function wholeFolders({ root, files }: Territory): string[] {
  return files.flatMap((pattern) => wholeFolder(root, pattern));
}

/** `FOLDERS/**` names all that lies in a folder. */
function wholeFolder(root: string, pattern: Pattern): string[] {
  const { folders, rest } = literalStart(pattern);
  return rest.length === 1 && rest[0] === '**' ? [join(root, ...folders)] : [];
}
