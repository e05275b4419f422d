import { basename, join } from 'node:path/posix';
import { z } from 'zod';
import { workingFile } from '../../asset/sqlite-file.ts';
import { surveyTermsOf } from '../../asset/sqlite-terms.ts';
import { faultOf } from '../../form/problem.ts';
import { readTextFile } from '../../form/read-text.ts';
import { makeFolders, removeTree } from '../../host/whole-file.ts';
import { judgeReversal, type JudgedDatabase } from '../../law/reversal/judge.ts';
import type { Reversal } from '../../law/reversal/reversal.ts';
import { readRecord, writeRecord, type Pair } from '../book.ts';
import { checkDocuments, type PairSide } from './check-documents.ts';
import { reversalOf } from '../decided.ts';
import type { Ground } from '../ground.ts';

/** `pairs/<id>/reversal.json`: the bytes of the reversal file that passed its check for this pair. */
const passed = z.object({ v: z.literal(1), sha256: z.string(), at: z.string() });

export interface Checking {
  /** `decided` null where there is no pair yet: that it passed is not recorded. */
  readonly pair: Pick<Pair, 'from' | 'to' | 'maps' | 'documents'> & {
    readonly decided: string | null;
  };
  readonly before: PairSide;
  readonly after: PairSide;
  /** A working folder; it is removed. */
  readonly folder: string;
}

/** Rows of larger databases are not read: that is for `backstep reversal check`, which has the time. */
const dataLimitBytes = 64 << 20;

/**
 * Lets a reversal file have effect only once it passed `backstep reversal check` for this pair; what passed is not
 * checked again until its bytes change. Throws `reversal/unsound` with every error that was found.
 */
export async function requireSoundReversal(ground: Ground, checking: Checking): Promise<void> {
  const { pair, folder } = checking;
  const reversal = reversalOf(ground, pair);
  if (reversal === null || reversal.file === '') return;
  if (pair.decided !== null && hasPassed(ground, pair.decided, reversal)) return;
  const { disk } = ground.host;
  makeFolders(disk, folder, 0o700);
  try {
    await requireSound(ground, reversal, {
      databases: databasesOf(ground, reversal, checking),
      documents: { ...checking, documents: documentsOf(ground, checking) },
    });
  } finally {
    removeTree(disk, folder);
  }
  if (pair.decided !== null) notePassed(ground, pair.decided, reversal);
}

function hasPassed({ host, folders }: Ground, pair: string, { sha256 }: Reversal): boolean {
  return readRecord(host, recordIn(folders, pair), passed)?.sha256 === sha256;
}

function notePassed({ host, folders }: Ground, pair: string, { sha256 }: Reversal): void {
  const at = new Date(host.clock.now()).toISOString();
  writeRecord(host, recordIn(folders, pair), { v: 1, sha256, at });
}

function recordIn({ pairs }: Ground['folders'], pair: string): string {
  return join(pairs, pair, 'reversal.json');
}

/** The same by the file's words alone, before an upgrade has a state to judge by. */
export async function requireSoundWords(
  ground: Ground,
  { from, to }: Pick<Pair, 'from' | 'to'>,
): Promise<void> {
  const reversal = reversalOf(ground, { from, to, maps: {} });
  if (reversal === null) return;
  await requireSound(ground, reversal, { databases: [], documents: { documents: [], folder: '' } });
}

async function requireSound(
  { host }: Ground,
  reversal: Reversal,
  by: {
    readonly databases: readonly JudgedDatabase[];
    readonly documents: Parameters<typeof checkDocuments>[2];
  },
): Promise<void> {
  const read = readTextFile(host.disk, reversal.file);
  if (!read.ok) throw faultOf('reversal/invalid', reversal.file, read.problems);
  const found = [
    ...(await judgeReversal(reversal, read.text, by.databases)),
    ...(await checkDocuments(host.disk, reversal, by.documents)),
  ];
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw faultOf('reversal/unsound', reversal.file, errors);
}

function databasesOf(
  { host: { disk }, manifest }: Ground,
  reversal: Reversal,
  { before, after, folder }: Checking,
): JudgedDatabase[] {
  return Object.keys(reversal.databases).flatMap((asset) => {
    const declared = manifest.assets[asset];
    if (declared?.kind !== 'sqlite') return [];
    const files = [before, after].map((state, index) =>
      workingFile(disk, state.side(asset), {
        unit: basename(declared.path),
        path: join(folder, asset, `${index}.db`),
      }),
    );
    const [left, right] = files;
    if (typeof left !== 'string' || typeof right !== 'string') return [];
    const scratch = join(folder, asset, 'scratch');
    makeFolders(disk, scratch, 0o700);
    const isLarge = [left, right].some(
      (file) => (disk.lstat(file)?.sizeBytes ?? 0) > dataLimitBytes,
    );
    const terms = surveyTermsOf(asset, reversal);
    return [{ asset, before: left, after: right, now: null, terms, scratch, isShapeOnly: isLarge }];
  });
}

function documentsOf(
  { assets, manifest }: Ground,
  { before, after }: Checking,
): {
  readonly asset: Ground['assets'][number];
  readonly before: PairSide;
  readonly after: PairSide;
}[] {
  return assets
    .filter(({ name }) => manifest.assets[name]?.kind === 'json')
    .map((asset) => ({ asset, before, after }));
}
