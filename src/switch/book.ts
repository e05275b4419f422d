import { jsonOrNull } from '../form/json-text.ts';
import { dirname, join } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import { makeDurableFolders, readWhole, replaceWhole } from '../host/whole-file.ts';
import { parseSnapshotId } from '../store/snapshot-id.ts';

export const snapshot = z.string().transform(parseSnapshotId);
const wordMap = z.record(z.string(), z.string());
/** Document → old path → entry of a reversal file: what the data suggested for documents, and `upgrade` took. */
export const documentRules = z.record(
  z.string(),
  z.record(
    z.string(),
    z.union([
      z.string(),
      z.strictObject({ map: wordMap }),
      z.strictObject({
        key: z.string(),
        fields: z.record(z.string(), wordMap).exactOptional(),
      }),
    ]),
  ),
);

/** The state before and after one switch towards a newer release. Times are ISO 8601, UTC. */
export const pair = z.object({
  id: z.string(),
  /** The run that made it. */
  run: z.string(),
  from: z.string(),
  to: z.string(),
  at: z.string(),
  /**
   * staged: the migration ran on a copy nobody could reach · returned: made by a return · synthesised: made
   * afterwards, of a backup of the old state.
   */
  way: z.enum(['staged', 'returned', 'synthesised']),
  before: snapshot,
  after: snapshot,
  /** Asset → table → column → new word → old word: maps that the data proved and `upgrade` took. */
  maps: z.record(z.string(), z.record(z.string(), z.record(z.string(), wordMap))),
  documents: documentRules.optional(),
  /** The pair whose decisions hold: its own, or those of the pair that a return made anew. */
  decided: z.string(),
  /**
   * synthesised: asset → places that the upgrade dropped. What was written there after the backup was taken, and
   * before the upgrade, is in neither state.
   */
  unknown: z.record(z.string(), z.array(z.string())).optional(),
});

/** One step of a rollback, from one release to the one before it. */
const step = z.object({
  /** Null where both states have one shape: a restore. */
  pair: z.string().nullable(),
  /** The newer release's state that was left. */
  displaced: snapshot,
  /** The older release's state that it was turned into. */
  result: snapshot,
});

/** What a `return` needs of a rollback. Steps stand in the order in which they were done. */
export const departure = z.object({
  run: z.string(),
  from: z.string(),
  to: z.string(),
  at: z.string(),
  steps: z.array(step),
});

const hold = z.object({ release: z.string(), reason: z.string(), at: z.string() });

/** Where the application stands. Rewritten whole at the end of each switch. */
export const book = z.object({
  v: z.literal(1),
  release: z.string().nullable(),
  lastGood: z.string().nullable(),
  /** Pairs that lead from the oldest release that can be reached to the running one. */
  lineage: z.array(z.string()),
  /** The rollback that can be taken back by `return`; null where there is none. */
  departure: departure.nullable(),
  holds: z.array(hold),
});

export type Pair = z.output<typeof pair>;
export type Step = z.output<typeof step>;
export type Departure = z.output<typeof departure>;
export type Hold = z.output<typeof hold>;
export type Book = z.output<typeof book>;

const emptyBook: Book = {
  v: 1,
  release: null,
  lastGood: null,
  lineage: [],
  departure: null,
  holds: [],
};

/** The folders within the state folder that the switch keeps. */
export interface StateFolders {
  readonly root: string;
  readonly store: string;
  readonly pairs: string;
  readonly releases: string;
  readonly journal: string;
  readonly runs: string;
  readonly lock: string;
  readonly audit: string;
  readonly service: string;
}

export function stateFolders(root: string): StateFolders {
  const inside = (name: string): string => join(root, name);
  return {
    root,
    store: inside('store'),
    pairs: inside('pairs'),
    releases: inside('releases'),
    journal: inside('journal'),
    runs: inside('runs'),
    lock: inside('lock'),
    audit: inside('audit'),
    service: inside('service'),
  };
}

/** What is on record; an empty book where nothing is. Throws `switch/record` for a damaged file. */
export function readBook(host: Host, folders: StateFolders): Book {
  return readRecord(host, join(folders.releases, 'book.json'), book) ?? emptyBook;
}

/** Durable when it returns; a crash leaves the old book or the new one. */
export function writeBook(host: Host, folders: StateFolders, content: Book): void {
  writeRecord(host, join(folders.releases, 'book.json'), content);
}

export function readPair(host: Host, folders: StateFolders, id: string): Pair {
  const found = readRecord(host, join(folders.pairs, id, 'pair.json'), pair);
  if (found !== null) return found;
  throw new BackstepError('switch/no-pair', {
    message: `pair ${id} is on record, but ${folders.pairs}/${id}/pair.json is not there`,
    hint: 'restore the state folder from its backup, or synthesise a pair with `backstep adopt`',
  });
}

export function writePair(host: Host, folders: StateFolders, content: Pair): void {
  writeRecord(host, join(folders.pairs, content.id, 'pair.json'), content);
}

/** The pairs that lead back from the running release to `to`, newest first. Throws `switch/no-pair`. */
export function pairsBackTo(host: Host, folders: StateFolders, to: string | null): Pair[] {
  const { lineage, release } = readBook(host, folders);
  const pairs = lineage.map((id) => readPair(host, folders, id)).toReversed();
  if (to === null) return pairs.slice(0, 1);
  const last = pairs.findIndex((each) => each.from === to);
  if (last >= 0) return pairs.slice(0, last + 1);
  const known = pairs.map((each) => each.from).join(', ');
  throw new BackstepError('switch/no-pair', {
    message: `no recorded upgrade leads from ${release ?? 'an unknown release'} back to ${to}`,
    hint:
      known === ''
        ? 'make a pair from an old backup with `backstep adopt`'
        : `rollback leads to: ${known}`,
  });
}

export function readRecord<Schema extends z.ZodType>(
  host: Host,
  path: string,
  schema: Schema,
): z.output<Schema> | null {
  if (host.disk.lstat(path) === null) return null;
  const read = schema.safeParse(jsonOrNull(readWhole(host.disk, path).toString('utf8')));
  if (read.success) return read.data;
  throw new BackstepError('switch/record', {
    message: `${path} is damaged: ${read.error.issues[0]?.message ?? 'not JSON'}`,
    hint: 'restore the state folder from its backup; the snapshots themselves are plain files',
  });
}

export function writeRecord(host: Host, path: string, content: unknown): void {
  makeDurableFolders(host.disk, dirname(path), 0o700);
  const bytes = Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
  replaceWhole(host, path, { bytes, mode: 0o600 });
}
