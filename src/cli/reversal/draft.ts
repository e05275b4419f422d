import { basename, dirname, join, resolve } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import { isDiskError } from '../../host/disk-error.ts';
import { randomHex } from '../../host/random.ts';
import { createWhole, makeFolders } from '../../host/whole-file.ts';
import { reversalName } from '../../law/reversal/check.ts';
import { draftDatabase } from '../../law/reversal/draft.ts';
import { draftDocuments, type DocumentDraft } from '../../law/reversal/draft-documents.ts';
import { draftDerived } from '../../law/reversal/draft-derived.ts';
import {
  draftText,
  holesIn,
  isNothing,
  type ReversalDraft,
} from '../../law/reversal/draft-text.ts';
import { bookkeepingTables } from '../../law/rows/bookkeeping.ts';
import type { Call } from '../context.ts';
import { openGround } from '../open.ts';
import { openNamed, openRecorded, type PairStates } from './pair-states.ts';

export interface DraftWishes {
  /** A recorded pair; undefined where the databases are named. */
  readonly pair: string | undefined;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly asset: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly out: string | undefined;
}

export interface Drafted {
  /** Where it was written, absolute; null where nothing has to be said. */
  readonly file: string | null;
  readonly text: string;
  readonly holes: number;
}

/** Writes a first reversal file from a pair. Throws `usage`, `reversal/present` where a file is in the way. */
export async function draftReversal(call: Call, wishes: DraftWishes): Promise<Drafted> {
  const opened = await openWanted(call, wishes);
  try {
    const draft = await draftOf(opened);
    if (isNothing(draft)) return { file: null, text: '', holes: 0 };
    const text = draftText(draft);
    install(call, opened.file, text);
    return { file: opened.file, text, holes: holesIn(draft) };
  } finally {
    opened.states.close();
  }
}

interface Opened {
  readonly states: PairStates;
  readonly from: string;
  readonly to: string;
  readonly file: string;
}

async function openWanted(call: Call, wishes: DraftWishes): Promise<Opened> {
  const { before, after, asset, from, to, out, pair } = wishes;
  if (pair !== undefined) {
    const ground = openGround(call);
    const states = await openRecorded(call, ground, pair);
    const releases = { from: states.pair?.to ?? '', to: states.pair?.from ?? '' };
    const named = join(ground.manifest.reversals, reversalName(releases));
    return { states, ...releases, file: out === undefined ? named : resolve(call.cwd, out) };
  }
  if (before === undefined || after === undefined || from === undefined || to === undefined) {
    throw new BackstepError('usage', {
      message: 'a draft needs the two states of an upgrade',
      hint: 'name --pair, or --before, --after and the releases: --from NEWER --to OLDER',
    });
  }
  const file = resolve(call.cwd, out ?? reversalName({ from, to }));
  const named = { before, after, now: null, asset: asset ?? 'database', beside: file };
  return { states: openNamed(call, named), from, to, file };
}

async function draftOf({ states, from, to }: Opened): Promise<ReversalDraft> {
  const terms = { bookkeeping: bookkeepingTables };
  const databases = states.databases.map(({ asset, before, after }) => [
    asset,
    { tables: draftDatabase({ before, after, terms }), ...draftDerived([before, after]) },
  ]);
  const documents: DocumentDraft[] = [];
  for (const { asset, before, after } of states.documents) {
    const sides = { before: before.side(asset.name), after: after.side(asset.name) };
    const scratch = join(states.folder, `survey-${asset.name}`);
    documents.push(...draftDocuments(await asset.survey({ ...sides, reversal: null, scratch })));
  }
  return { from, to, databases: Object.fromEntries(databases), documents };
}

/** A crash leaves nothing, or the whole file. A file that is there is never replaced. */
function install({ host }: Call, file: string, text: string): void {
  const { disk, random } = host;
  makeFolders(disk, dirname(file), 0o755);
  const fresh = join(dirname(file), `.${basename(file)}.${randomHex(random, 6)}.new`);
  try {
    createWhole(disk, fresh, { bytes: Buffer.from(text), mode: 0o644, isSynced: true });
    disk.link(fresh, file);
    disk.syncFolder(dirname(file));
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
    throw new BackstepError('reversal/present', {
      message: `${file} is there already, and a draft replaces nothing`,
      hint: 'name another file with --out, and take over from it what is missing',
    });
  } finally {
    if (disk.lstat(fresh) !== null) disk.removeFile(fresh);
  }
}
