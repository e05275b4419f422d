import type { Manifest } from './manifest.ts';
import { pathsOf, type Platform } from './system.ts';
import { isInside } from './territory.ts';

/**
 * Where each of `paths` lies in one staged tree: a folder of its own name each, but a path that lies
 * within another one stays within it. A command filled in with these touches nothing live.
 */
export function stagedPaths(manifest: Manifest, stagingFolder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(manifest.paths).map(([name, live]) => [
      name,
      stagedPlace(manifest, stagingFolder, live) ?? live,
    ]),
  );
}

/** Where a live path lies in the staged tree; null where it lies in none of `paths`. */
export function stagedPlace(
  manifest: Manifest,
  stagingFolder: string,
  live: string,
): string | null {
  const outermost = outermostOf(manifest, live);
  if (outermost === null) return null;
  const rules = pathsOf(manifest.platform);
  return rules.join(stagingFolder, outermost.name, rules.relative(outermost.folder, live));
}

/** The widest of `paths` around a live path; of two names for one folder, the first. */
function outermostOf(
  { paths, platform }: { paths: Manifest['paths']; platform: Platform },
  live: string,
): { name: string; folder: string } | null {
  const around = Object.entries(paths)
    .filter(([, folder]) => isInside(live, folder, platform))
    .sort(([, a], [, b]) => a.length - b.length);
  const [name, folder] = around[0] ?? [];
  return name === undefined || folder === undefined ? null : { name, folder };
}
