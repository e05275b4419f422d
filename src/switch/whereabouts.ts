import { BackstepError } from '../fault/backstep-error.ts';
import { join } from 'node:path/posix';
import {
  pairsBackTo,
  readBook,
  readPair,
  readRecord,
  type Book,
  type Departure,
  type Pair,
} from './book.ts';
import type { Reign } from './as-of.ts';
import type { Ground } from './ground.ts';
import { stagedRecord } from './stage/staged.ts';

/** What is on record, with the running release as it is found where nothing is recorded yet. */
export function bookNow(ground: Ground): Book {
  const book = readBook(ground.host, ground.folders);
  return book.release === null ? { ...book, release: ground.releases.current() } : book;
}

/** The release that an upgrade leaves. Throws `switch/no-release`, `switch/refused`, `switch/held`. */
export function newerRelease(
  book: Book,
  { to, ignoresHold }: { readonly to: string; readonly ignoresHold: boolean },
): string {
  const from = book.release;
  if (from === null) throw noRunningRelease();
  if (from === to) throw alreadyRunning(to);
  if (!ignoresHold) refuseHeld(book, to);
  return from;
}

/** The running release and when it came. Throws `switch/no-release`. */
export function reignNow(ground: Ground): Reign {
  const { release, lineage, departure } = bookNow(ground);
  if (release === null) throw noRunningRelease();
  const pair = lineage.at(-1);
  const times = [
    new Date(0).toISOString(),
    ...(pair === undefined ? [] : [readPair(ground.host, ground.folders, pair).at]),
    ...(departure === null ? [] : [departure.at]),
  ];
  // ISO 8601 in UTC sorts as text.
  return { to: release, at: times.sort().at(-1) ?? '' };
}

/** The rollback that a return takes back. Throws `switch/no-pair`. */
export function departureOf({ departure, release }: Book): Departure {
  if (departure !== null && departure.to === release) return departure;
  throw new BackstepError('switch/no-pair', {
    message: 'no rollback is on record that could be taken back',
    hint: 'go to a newer release with `backstep upgrade --to VERSION`',
  });
}

/**
 * What a run that was settled left behind for the way back to where it came from; null where it left nothing,
 * or where another run has been through since.
 */
export function departureFor(ground: Ground, run: string): Departure | null {
  const file = join(ground.folders.runs, run, 'staged.json');
  const own = readRecord(ground.host, file, stagedRecord)?.settlement.departure;
  if (own !== undefined) return own;
  const { departure } = bookNow(ground);
  return departure?.run === run ? departure : null;
}

/** The rollback on record whose place was taken by what a run put there; null where it took none's. */
export function formerOf(ground: Ground, run: string): Departure | null {
  const file = join(ground.folders.runs, run, 'staged.json');
  return readRecord(ground.host, file, stagedRecord)?.settlement.former ?? null;
}

/** The pairs to go through, newest first. Throws `switch/no-pair`. */
export function wayBack(
  ground: Ground,
  to: string | null,
): { readonly pairs: readonly Pair[]; readonly newest: Pair; readonly oldest: Pair } {
  const pairs = pairsBackTo(ground.host, ground.folders, to);
  const [newest, oldest] = [pairs[0], pairs.at(-1)];
  if (newest !== undefined && oldest !== undefined) return { pairs, newest, oldest };
  throw new BackstepError('switch/no-pair', {
    message: 'no upgrade is on record, so there is nothing to roll back to',
    hint: 'an upgrade made with `backstep upgrade` is on record; one by hand is made known with `backstep adopt`',
  });
}

/** Throws `switch/held`. */
export function refuseHeld(book: Book, version: string): void {
  const hold = book.holds.find(({ release }) => release === version);
  if (hold === undefined) return;
  throw new BackstepError('switch/held', {
    message: `release ${version} is on hold since ${hold.at}: ${hold.reason}`,
    hint: 'when it is sound again: `backstep return --release-hold`, or `backstep upgrade --release-hold`',
  });
}

function noRunningRelease(): BackstepError {
  return new BackstepError('switch/no-release', {
    message: 'which release is running is not on record, and none is in its place',
    hint: 'add it with `backstep release add VERSION FOLDER`; the first one that is added is taken for the running one',
  });
}

function alreadyRunning(version: string): BackstepError {
  return new BackstepError('switch/refused', {
    message: `release ${version} is running already`,
    hint: 'see `backstep status`',
  });
}
