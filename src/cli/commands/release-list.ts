import { z } from 'zod';
import { siteOf } from '../../asset/release-site.ts';
import { openReleases } from '../../asset/releases.ts';
import type { Book } from '../../switch/book.ts';
import type { Ground } from '../../switch/ground.ts';
import { bookNow } from '../../switch/operations.ts';
import { openGround } from '../open.ts';
import { table } from '../output.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const flags = z.object({ check: z.boolean().default(false) });

export const releaseListCommand: CommandDefinition = {
  example: 'backstep release list --check',
  readsOnly: true,
  options: { '--check': { text: 'hash every file again; exit code 7 where one differs' } },
  run: (call, given) => {
    const { check } = parseGiven(flags, given.flags);
    const ground = openGround(call);
    const releases = listed(ground, bookNow(ground), check);
    const rows = releases.map(({ version, added, is, hold }) => [
      version,
      added,
      [...is, ...(hold === null ? [] : [`on hold: ${hold}`])].join(', '),
    ]);
    call.output.result(releases, [
      ...(rows.length === 0
        ? ['no release is known; add one with: backstep release add VERSION FOLDER']
        : table([['version', 'added', ''], ...rows])),
      ...releases.flatMap(({ version, differences }) =>
        differences.map((difference) => `${version} is not as it was added: ${difference}`),
      ),
    ]);
    return Promise.resolve(releases.some(({ differences }) => differences.length > 0) ? 7 : 0);
  },
};

interface ListedRelease {
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly added: string;
  readonly is: readonly ('running' | 'last good' | 'can be returned to')[];
  readonly hold: string | null;
  readonly differences: readonly string[];
}

function listed(ground: Ground, book: Book, check: boolean): ListedRelease[] {
  const shelf = openReleases(ground.host, siteOf(ground.manifest));
  return shelf.list().map((version) => ({
    version,
    added: new Date(shelf.listingOf(version).addedMs).toISOString(),
    is: rolesOf(book, version),
    hold: book.holds.find(({ release }) => release === version)?.reason ?? null,
    differences: check ? shelf.differences(version) : [],
  }));
}

function rolesOf(book: Book, version: string): ListedRelease['is'] {
  return [
    ...(book.release === version ? ['running' as const] : []),
    ...(book.lastGood === version ? ['last good' as const] : []),
    ...(book.departure?.from === version ? ['can be returned to' as const] : []),
  ];
}
