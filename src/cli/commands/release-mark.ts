import { z } from 'zod';
import { readPair, writeBook, type Book } from '../../switch/book.ts';
import type { Ground } from '../../switch/ground.ts';
import { bookNow } from '../../switch/operations.ts';
import type { Call } from '../context.ts';
import { alone } from '../alone.ts';
import { openGround } from '../open.ts';
import { parseGiven, type CommandDefinition } from './definition.ts';

const named = z.tuple([z.string()]);
const badFlags = z.object({ reason: z.string().default('marked bad') });

export const releaseMarkGoodCommand: CommandDefinition = {
  example: 'backstep release mark-good 2.0.0',
  takesLock: true,
  arguments: { '<version>': 'a release that is known to be sound; a hold on it is lifted' },
  run: (call, given) => {
    const [version] = parseGiven(named, given.args);
    return mark(call, version, (_ground, book) => ({
      ...book,
      lastGood: book.release === version ? version : book.lastGood,
      holds: book.holds.filter(({ release }) => release !== version),
    }));
  },
};

export const releaseMarkBadCommand: CommandDefinition = {
  example: 'backstep release mark-bad 2.0.0 --reason "downloads fail"',
  takesLock: true,
  arguments: { '<version>': 'a release that nobody should go to until it is marked good' },
  options: { '--reason <text>': { text: 'why, for the record and for whoever asks' } },
  run: (call, given) => {
    const [version] = parseGiven(named, given.args);
    const { reason } = parseGiven(badFlags, given.flags);
    const at = new Date(call.host.clock.now()).toISOString();
    return mark(call, version, (ground, book) => ({
      ...book,
      lastGood: book.lastGood === version ? releaseBefore(ground, book, version) : book.lastGood,
      holds: [
        ...book.holds.filter(({ release }) => release !== version),
        { release: version, reason, at },
      ],
    }));
  },
};

/** Changes the book about one known release. Throws `release/unknown`. */
async function mark(
  call: Call,
  version: string,
  change: (ground: Ground, book: Book) => Book,
): Promise<number> {
  const ground = openGround(call);
  ground.releases.folderOf(version);
  const book = await alone(call, ground, {
    purpose: `mark ${version}`,
    work: () => {
      const changed = change(ground, bookNow(ground));
      writeBook(ground.host, ground.folders, changed);
      return Promise.resolve(changed);
    },
  });
  const { lastGood, holds } = book;
  call.output.result({ version, lastGood, holds }, [
    `last good: ${lastGood ?? '–'}`,
    ...holds.map(({ release, reason, at }) => `on hold: ${release} since ${at}: ${reason}`),
  ]);
  return 0;
}

/** The one from which it was reached; null where that is not on record, or on hold itself. */
function releaseBefore(ground: Ground, book: Book, version: string): string | null {
  const pairs = book.lineage.map((id) => readPair(ground.host, ground.folders, id));
  const from = pairs.find(({ to }) => to === version)?.from ?? null;
  return book.holds.some(({ release }) => release === from) ? null : from;
}
