import type { WrittenAsset } from './kinds/kinds.ts';
import { assetKinds } from './kinds/kinds.ts';
import type { Asset, Releases, Service, Territory } from './manifest.ts';
import type { Judging } from './judging.ts';
import type { PartialSections } from './read-sections.ts';
import { serviceFiles } from '../service/kinds.ts';
import { pathsOf, type System } from './system.ts';

interface Surroundings {
  readonly sections: PartialSections;
  readonly releases: Releases | null;
  readonly service: Service | null;
}

/** Assets with absolute paths and their territories; those whose paths were refused are left out. */
export function locateAssets(around: Surroundings, judging: Judging): Record<string, Asset> {
  const located: Record<string, Asset> = {};
  for (const [name, written] of Object.entries(withRelease(around.sections.assets))) {
    const asset = locate(name, written, { ...around, judging });
    if (asset !== null) located[name] = { ...asset, name, inner: [] };
  }
  return located;
}

/** The program files are an asset of every application, listed or not. */
function withRelease(assets: PartialSections['assets']): Record<string, WrittenAsset> {
  const isListed = Object.values(assets).some((asset) => asset.kind === 'release');
  if (isListed || 'release' in assets) return assets;
  return { ...assets, release: assetKinds.release.parse({ kind: 'release' }) };
}

type Located = WrittenAsset & { readonly territory: readonly Territory[] };

function locate(
  name: string,
  asset: WrittenAsset,
  around: Surroundings & { readonly judging: Judging },
): Located | null {
  const { judging, releases, service } = around;
  const { system } = judging.ground;
  switch (asset.kind) {
    case 'json':
    case 'files': {
      const root = resolveRoot(['assets', name, 'root'], asset.root, around);
      const { files, exclude } = asset;
      return root === null ? null : { ...asset, root, territory: [{ root, files, exclude }] };
    }
    case 'sqlite': {
      const path = resolveRoot(['assets', name, 'path'], asset.path, around);
      return path === null ? null : { ...asset, path, territory: [databaseFiles(path, system)] };
    }
    case 'release': {
      if (releases === null) return null;
      const { exclude } = asset;
      return { ...asset, territory: [{ root: releases.root, files: ['**'], exclude }] };
    }
    case 'service':
      return service === null ? null : locateService(name, asset, { service, judging });
    case 'command':
      break;
  }
  return { ...asset, territory: [] };
}

/** A root may begin in the release's folder where that is one and the same folder for every release. */
function resolveRoot(
  path: readonly string[],
  written: string,
  { judging, releases }: Surroundings & { readonly judging: Judging },
): string | null {
  if (!written.startsWith('{release}')) return judging.resolve(path, written);
  if (releases === null) return null;
  if (releases.layout === 'in-place') {
    return judging.resolve(
      path,
      `${releases.root.replaceAll(/[{}]/g, '$&$&')}${written.slice('{release}'.length)}`,
    );
  }
  const hint =
    'with `layout: symlink` each release has a folder of its own; keep users’ files in a folder beside them';
  judging.complain(path, '`{release}` is another folder after every switch', hint);
  return null;
}

function databaseFiles(path: string, system: System): Territory {
  const rules = pathsOf(system.platform);
  const name = rules.basename(path);
  const files = [name, `${name}-wal`, `${name}-shm`, `${name}-journal`];
  return { root: rules.dirname(path), files, exclude: [] };
}

function locateService(
  name: string,
  asset: Extract<WrittenAsset, { kind: 'service' }>,
  { service, judging }: { service: Service; judging: Judging },
): Located | null {
  const { system } = judging.ground;
  const rules = pathsOf(system.platform);
  const further = asset.files.map((file, index) =>
    judging.resolve(['assets', name, 'files', index], file),
  );
  if (further.includes(null)) return null;
  const listed = further.filter((file) => file !== null);
  const files = [...new Set([...serviceFiles(service, system), ...listed])];
  if (files.length === 0) {
    const hint = 'list them under `files:`, or leave the asset out';
    const message = `a service of manager \`${service.manager}\` has no files of its own`;
    judging.complain(['assets', name], message, hint);
    return null;
  }
  const territory = files.map((file): Territory => ({
    root: rules.dirname(file),
    files: [rules.basename(file)],
    exclude: [],
  }));
  return { ...asset, files, territory };
}
