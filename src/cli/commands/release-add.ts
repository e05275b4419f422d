import { join, resolve } from 'node:path/posix';
import { z } from 'zod';
import { currentUnit, siteOf } from '../../asset/release-site.ts';
import { openReleases } from '../../asset/releases.ts';
import type { Ground } from '../../switch/ground.ts';
import { alone } from '../alone.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string(), z.string()]);

export const releaseAddCommand: CommandDefinition = {
  example: 'backstep release add 2.0.0 ./build',
  takesLock: true,
  arguments: {
    '<version>': 'the name of the release, for instance 2.0.0',
    '<folder>': 'its files; they are copied, hashed and frozen, the folder stays as it is',
  },
  run: async (call, given) => {
    const [version, written] = parseGiven(named, given.args);
    const ground = openGround(call);
    const folder = resolve(call.cwd, written);
    const added = await alone(call, ground, {
      purpose: `release add ${version}`,
      work: () => Promise.resolve(add(ground, { version, folder })),
    });
    const { fileCount, leftOut, isInPlace } = added;
    call.output.result({ version, ...added }, [
      `release ${version}: ${fileCount} files, kept in ${added.folder}`,
      ...leftOut.map((path) => `left out, since it is no file, folder or link: ${path}`),
      isInPlace
        ? `${version} is the release in its place`
        : `go there with: backstep upgrade --to ${version}`,
    ]);
    return 0;
  },
};

interface Added {
  readonly folder: string;
  readonly fileCount: number;
  readonly leftOut: readonly string[];
  /** True for the first release, which gets its place at once. */
  readonly isInPlace: boolean;
}

/** The first release of a `symlink` layout is put in its place: nothing else could be running. */
function add(ground: Ground, release: { version: string; folder: string }): Added {
  const { host, manifest } = ground;
  const shelf = openReleases(host, siteOf(manifest));
  const added = shelf.add(release);
  const { root, layout } = manifest.releases;
  const link = join(root, currentUnit);
  if (layout === 'symlink' && host.disk.lstat(link) === null) {
    host.disk.symlink(release.version, link);
    host.disk.syncFolder(root);
  }
  return { ...added, isInPlace: shelf.current() === release.version };
}
