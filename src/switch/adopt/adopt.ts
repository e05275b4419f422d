import type { Decision, Place } from '../../law/place.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { findBackup, layOutBackup, type BackupFolders } from './adopt-backup.ts';
import { adoptReleases, type AdoptedReleases, type ReleaseRequest } from './adopt-releases.ts';
import { readPair, type Book, type Pair } from '../book.ts';
import type { DecisionsByAsset } from '../decided.ts';
import type { Ground } from '../ground.ts';
import { makePlan } from '../plan.ts';
import { writeSettlement } from '../settle.ts';
import { migrateCopy, recordPair } from '../stage/stage-upgrade.ts';
import { captureState } from '../stage/states.ts';
import type { DecideUpgrade } from '../survey-upgrade.ts';
import { heed, inTrial, type TrialOptions } from '../trial/trial.ts';
import { bookNow } from '../operations.ts';

export interface AdoptRequest extends ReleaseRequest {
  /** The old backup, absolute; null looks where the manual keeps it. */
  readonly state: string | null;
  readonly decisions: DecisionsByAsset;
}

export interface AdoptOptions extends TrialOptions {
  readonly decide: DecideUpgrade;
}

/** What came of it: `adopt --json`. */
export interface Adopted {
  readonly pair: string;
  readonly from: string;
  readonly to: string;
  readonly added: readonly string[];
  /** `paths` name → the folder of the backup that was read. */
  readonly backup: BackupFolders;
  readonly assets: Readonly<Record<string, AdoptedAsset>>;
  readonly notes: readonly string[];
}

export interface AdoptedAsset {
  /** Files of the backup. */
  readonly unitCount: number;
  /** Places that the upgrade dropped: what was written there after the backup was taken is known to nobody. */
  readonly unknown: readonly Place[];
  /** Places whose words are read by a map that the data proves. */
  readonly mapped: readonly Place[];
  readonly decisions: readonly Decision[];
}

/**
 * Makes the pair of an upgrade that was done without Backstep: `before` is a copy of the old backup, `after` what
 * the migration of the running release makes of it, or that of the oldest one that there is a way back to. Nothing live is touched, and the backup is only read. A crash leaves
 * releases that are known and no pair; the next call takes them as they are. Throws `adopt/…`, `release/…`,
 * `switch/migration`, `interrupted`.
 */
export async function adopt(
  ground: Ground,
  request: AdoptRequest,
  options: AdoptOptions,
): Promise<Adopted> {
  const backup = findBackup(ground, request);
  const found = adoptReleases(ground, request);
  const releases = { ...found, to: reachable(ground, found) };
  const { run, ...plan } = makePlan(ground, {
    kind: 'upgrade',
    from: releases.from,
    to: releases.to,
    reason: 'adopt',
    starts: false,
  });
  const trial = { ...plan, run: run.replace(/^upgrade/, 'adopt') };
  return inTrial(ground, trial, async ({ workspace, states }) => {
    const { onProgress, signal, decide, warn } = options;
    const { from, to } = releases;
    const laid = await layOutBackup(ground, workspace, backup);
    const label = `before ${to}, from a backup`;
    const before = states(await captureState(ground, laid.handlers, { label, isQuiet: false }));
    heed(signal);
    const pause = async (): Promise<void> => heed(signal);
    const work = { before, to, isQuiet: false, onProgress, pause, warn };
    const { assets, handlers } = await migrateCopy(ground, workspace, work);
    heed(signal);
    const after = await captureState(ground, handlers, { label: `after ${to}`, isQuiet: false });
    const book = bookNow(ground);
    const { decisions } = request;
    const common = { from, to, decisions, takesProvenMaps: true, decide, onProgress };
    const { settlement, surveys, decided } = await recordPair(ground, workspace, {
      stage: { ...common, book, way: 'synthesised' },
      before,
      after,
      assets,
    });
    heed(signal);
    const [pair] = settlement.pairs;
    if (pair === undefined) throw new Error('an adoption without a pair');
    writeSettlement(ground, { pairs: [pair], book: beneath(book, pair) });
    return {
      pair: pair.id,
      ...releases,
      backup,
      assets: Object.fromEntries(
        assets.map(({ name }) => [
          name,
          adoptedAsset(pair, name, {
            unitCount: before.units(name).size,
            decisions: decided[name] ?? [],
          }),
        ]),
      ),
      notes: [...laid.notes, ...surveys.flatMap(({ survey }) => survey.notes)],
    };
  });
}

/** The oldest step of the way back; what runs, what is on hold and what can be returned to stay as they are. */
function beneath(book: Book, pair: Pair): Book {
  return { ...book, lastGood: book.lastGood ?? pair.from, lineage: [pair.id, ...book.lineage] };
}

function adoptedAsset(
  pair: Pair,
  name: string,
  facts: Pick<AdoptedAsset, 'unitCount' | 'decisions'>,
): AdoptedAsset {
  const mapped = Object.entries(pair.maps[name] ?? {}).flatMap(([table, columns]) =>
    Object.keys(columns).map((column) => `${table}.${column}`),
  );
  const documents = Object.entries(pair.documents ?? {}).flatMap(([document, entries]) =>
    Object.keys(entries).map((old) => `${document}#${old}`),
  );
  const own = documents.filter((place) => place.startsWith(`${name}/`));
  return { ...facts, unknown: pair.unknown?.[name] ?? [], mapped: [...mapped, ...own] };
}

/**
 * The release that the old backup was upgraded to: the oldest one that there is a way back to, since each step of a
 * way back begins where the one after it ends. Throws `adopt/known` where the way leads there already.
 */
function reachable(ground: Ground, { from, to }: AdoptedReleases): string {
  const pairs = bookNow(ground).lineage.map((id) => readPair(ground.host, ground.folders, id));
  const known = pairs.find((pair) => pair.from === from);
  if (known === undefined) return pairs[0]?.from ?? to;
  throw new BackstepError('adopt/known', {
    message: `the way from ${to} back to ${from} is on record since ${known.at}`,
    hint: `see what it would do with \`backstep plan --to ${from}\``,
  });
}
