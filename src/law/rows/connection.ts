import type { Disk } from '../../host/disk.ts';
import { Database } from '../../sqlite/database.ts';
import { readTables } from '../../sqlite/schema.ts';
import { requireKnownCollations } from './collation.ts';
import { encodingOf } from './encoding.ts';
import { defineMergeFunction, type ParkedPath } from './documents.ts';
import type { BroughtFiles, MergeFiles, MergeTerms } from './terms.ts';
import type { Pages } from './bench.ts';
import type { Shape } from './view.ts';

/** The connections of one merge. */
export interface BenchConnection {
  readonly db: Database;
  /** Reads `latest` as its main schema, so that bare table names mean the other shape's. */
  readonly plain: Database;
  readonly journalMode: string;
  /** Filled while JSON cells are merged. */
  readonly parkedPaths: readonly ParkedPath[];
}

export interface BenchTerms extends Pick<MergeTerms, 'direction' | 'disk'> {
  readonly hasJournal: boolean;
}

/** Pages kept in memory per file, in KiB. */
const cacheKib = 16_384;

/**
 * Copies `base` to `result` page by page and opens it with the other files attached. Nothing is synced
 * while it is built: a crash throws it away; who places the result syncs it.
 */
export async function openBench(files: MergeFiles, terms: BenchTerms): Promise<BenchConnection> {
  encodingOf([files.base, files.origin, files.latest]);
  requireKnownCollations([files.base, files.origin, files.latest]);
  await copyBase(files, terms.disk);
  return attachBench(files, terms);
}

/** Opens a result that is there, with the other files attached. Nothing is synced. */
export function attachBench(
  files: MergeFiles | BroughtFiles,
  { direction, hasJournal }: BenchTerms,
): BenchConnection {
  const db = Database.open(files.result);
  const journalMode = db.texts('PRAGMA main.journal_mode')[0] ?? 'delete';
  if (hasJournal) db.exec('PRAGMA main.journal_mode = DELETE');
  else db.turnJournalOff('main');
  db.attach('base', files.base, { readOnly: true });
  db.attach('origin', files.origin, { readOnly: true });
  db.attach('latest', files.latest, { readOnly: true });
  if ('earlier' in files) db.attach('earlier', files.earlier, { readOnly: true });
  for (const schema of ['main', 'base', 'origin', 'latest']) setCache(db, schema);
  db.exec('PRAGMA main.synchronous = OFF');
  for (const schema of ['scratch', 'parked'] as const) {
    attachWorking(db, { schema, path: files[schema], hasJournal });
  }
  if (db.count('PRAGMA foreign_keys') !== 0)
    throw new Error('foreign keys are enforced while merging');
  const parkedPaths: ParkedPath[] = [];
  defineMergeFunction(db, direction, parkedPaths);
  const plain = Database.open(files.latest, { readOnly: true });
  return { db, plain, journalMode, parkedPaths };
}

/** A file that only a merge writes, and that a crash throws away. */
export interface WorkingFile {
  readonly schema: string;
  readonly path: string;
  readonly hasJournal: boolean;
}

export function attachWorking(db: Database, { schema, path, hasJournal }: WorkingFile): void {
  db.attach(schema, path, { readOnly: false });
  setCache(db, schema);
  db.exec(`PRAGMA ${schema}.synchronous = OFF`);
  if (hasJournal) db.exec(`PRAGMA ${schema}.journal_mode = MEMORY`);
  else db.turnJournalOff(schema);
}

function setCache(db: Database, schema: string): void {
  db.exec(`PRAGMA ${schema}.cache_size = -${cacheKib}`);
}

/** What lies beside a database and belongs to it. */
const pending = ['-wal', '-journal'];

/** A file beside which nothing waits is copied as it lies, blocks shared where the file system can. */
async function copyBase({ base, result }: MergeFiles, disk: Disk | undefined): Promise<void> {
  const isAlone = pending.every((beside) => (disk?.lstat(base + beside)?.sizeBytes ?? 0) === 0);
  if (disk !== undefined && isAlone) {
    disk.copy(base, result);
    return;
  }
  using source = Database.open(base, { readOnly: true });
  await source.copyTo(result);
}

/** What is needed to compare the pages of the states; null where the terms name no disk. */
export function pagesOf(
  files: MergeFiles | BroughtFiles,
  { disk }: Pick<MergeTerms, 'disk'>,
): Pages | null {
  const { result: main, base, origin, latest } = files;
  const earlier = 'earlier' in files ? files.earlier : latest;
  return disk === undefined ? null : { disk, paths: { main, base, origin, latest, earlier } };
}

/** All three spell names as `base` does, what it lacks as `origin` does. */
export function readShapes(db: Database): {
  readonly base: Shape;
  readonly origin: Shape;
  readonly latest: Shape;
} {
  const base = readTables(db, 'base');
  const origin = readTables(db, 'origin', base);
  return { base, origin, latest: readTables(db, 'latest', base, origin) };
}

/** Gives the result its own journal mode back. */
export function finishResult({ db, journalMode }: BenchConnection): void {
  db.exec(`PRAGMA main.journal_mode = ${journalMode}`);
}

export function closeBench({ plain, db }: BenchConnection): void {
  plain.close();
  db.close();
}
