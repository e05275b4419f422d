import { join } from 'node:path/posix';
import type { AssetHandler } from '../../asset/asset.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { SnapshotId } from '../../store/snapshot-id.ts';
import type { Book, Pair } from '../book.ts';
import type { PairSide } from './check-documents.ts';
import { reversalOf, writeDecisions, type DecisionsByAsset } from '../decided.ts';
import { requireSoundReversal } from './sound-reversal.ts';
import type { OnProgress } from '../report/events.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { recordFindings } from '../recorded-findings.ts';
import { liveMarks, refuseWritten } from './live-marks.ts';
import { newPairId } from './stage-return.ts';
import { unmerged, type StagedAsset, type StagedSwitch } from './staged.ts';
import { migrateTree, namingTree, rebased, treeIn } from './staged-tree.ts';
import { captureState, openState, type CapturedState, type States } from './states.ts';
import { questionsOf, surveyAssets, type DecideUpgrade, type Surveyed } from '../survey-upgrade.ts';
import { settleQuestions, type Settled } from '../settle-questions.ts';
import { surveyReport, type SurveyReport } from '../report/survey-report.ts';
import { freshFolder, layOut, type Workspace } from './workspace.ts';

export interface UpgradeStage {
  readonly book: Book;
  readonly states: States;
  readonly from: string;
  readonly to: string;
  /** The old release's state, captured after the application was stopped. */
  readonly before: SnapshotId;
  readonly decisions: DecisionsByAsset;
  /** Takes the maps that the data proves (`--yes`); else places without a rule are parked. */
  readonly takesProvenMaps: boolean;
  /** Asked about what no rule and no decision speaks of. */
  readonly decide: DecideUpgrade;
  readonly onProgress: OnProgress;
  /** Awaited now and then: where it throws, the run ends with that. */
  readonly pause: () => Promise<void>;
  readonly warn: (message: string) => void;
}

/** What a pair is made for, and how. */
export type PairWishes = Omit<UpgradeStage, 'states' | 'before' | 'pause' | 'warn'> &
  Pick<Pair, 'way'>;

export interface StagedUpgrade extends StagedSwitch {
  readonly surveys: readonly Surveyed[];
}

/**
 * Migrates a copy of the state where nobody can reach it, and records the pair: `before`, and `after`
 * as it is before any user sees it. Writes nothing live.
 */
export async function stageUpgrade(
  ground: Ground,
  workspace: Workspace,
  stage: UpgradeStage,
): Promise<StagedUpgrade> {
  const before = stage.states(stage.before);
  const { assets, handlers } = await migrateCopy(ground, workspace, {
    before,
    to: stage.to,
    isQuiet: true,
    onProgress: stage.onProgress,
    pause: stage.pause,
    warn: stage.warn,
  });
  const after = await captureState(ground, handlers, {
    label: `after ${stage.to}`,
    isQuiet: true,
  });
  const recorded = await recordPair(ground, workspace, {
    stage: { ...stage, way: 'staged' },
    before,
    after,
    assets,
  });
  const { settlement, surveys, survey } = recorded;
  return { assets, settlement, surveys, survey };
}

/** A migrated copy: what each asset comes to, and who handles it there. */
export interface MigratedCopy {
  readonly assets: readonly StagedAsset[];
  readonly handlers: readonly AssetHandler[];
}

/** Lays a captured state out beside the live one and runs the new release's migration on it. */
export async function migrateCopy(
  ground: Ground,
  workspace: Workspace,
  work: {
    readonly before: CapturedState;
    readonly to: string;
    /** The application does not run: whatever is written live is the migration's doing, and refused. */
    readonly isQuiet: boolean;
    readonly onProgress: OnProgress;
    readonly pause: () => Promise<void>;
    readonly warn: (message: string) => void;
  },
): Promise<MigratedCopy> {
  const { disk } = ground.host;
  const [first] = stateAssets(ground);
  if (first === undefined) throw new Error('a manifest without assets');
  const tree = freshFolder(disk, treeIn(workspace.siblingOf(first).root));
  const copies = ground.openAssets(rebased(ground.manifest, tree));
  const handlers = stateAssets(ground).map((asset) => sameIn(copies, asset));
  const total = handlers.length;
  for (const [done, copy] of handlers.entries()) {
    work.onProgress({ asset: copy.name, step: 'copy', done, total });
    if (!isMoved(ground, copy)) continue;
    layOut(disk, work.before.side(copy.name), (unit) => copy.placeOf(unit));
  }
  if (startsRelease(ground)) refuseUncopied(ground, handlers);
  const marks = work.isQuiet && startsRelease(ground) ? liveMarks(ground) : null;
  const release = ground.releases.folderOf(work.to);
  await migrateTree(ground, { tree, release, pause: work.pause, warn: work.warn }).finally(() => {
    if (marks !== null) refuseWritten(ground, marks);
  });
  for (const copy of handlers) copy.settle();
  refuseStagedPaths(ground, handlers, tree);
  return { assets: handlers.map((copy) => unmerged(copy.name, copy.live())), handlers };
}

function startsRelease({ manifest: { migrate } }: Ground): boolean {
  return migrate !== null && 'start' in migrate;
}

/** A release that is started writes wherever it writes: what has no copy would be written live. */
function refuseUncopied(ground: Ground, handlers: readonly AssetHandler[]): void {
  const uncopied = handlers.find((copy) => {
    const kind = ground.manifest.assets[copy.name]?.kind;
    const hasFiles = kind === 'json' || kind === 'files' || kind === 'sqlite';
    return hasFiles && !isMoved(ground, copy);
  });
  if (uncopied === undefined) return;
  throw new BackstepError('switch/refused', {
    message: `${ground.manifest.file}: assets.${uncopied.name} lies in none of \`paths\`: a release that is started to migrate a copy would write the live one`,
    hint: 'name its folder under `paths`, and have `migrate.start` hand it to the release by its placeholder',
  });
}

/** False where an asset's files lie in none of `paths`: its copy is the live one, which nothing may touch. */
export function isMoved(ground: Ground, copy: AssetHandler): boolean {
  const live = ground.assets.find(({ name }) => name === copy.name);
  return live?.placeOf('x') !== copy.placeOf('x');
}

/** The handler of the same asset elsewhere. */
export function sameIn(copies: readonly AssetHandler[], asset: AssetHandler): AssetHandler {
  const copy = copies.find(({ name }) => name === asset.name);
  if (copy === undefined) throw new Error(`${asset.name} has no copy`);
  return copy;
}

function refuseStagedPaths(ground: Ground, handlers: readonly AssetHandler[], tree: string): void {
  const files = handlers.flatMap((copy) => [...copy.live().values()]);
  const [naming] = namingTree(ground.host.disk, files, tree);
  if (naming === undefined) return;
  throw new BackstepError('switch/migration', {
    message: `the migration wrote the path of the staged copy into ${naming}`,
    hint: 'the release stores absolute paths: have its migration store them relative to the data folder',
  });
}

export interface PairParts {
  readonly stage: PairWishes;
  readonly before: CapturedState;
  readonly after: SnapshotId;
  readonly assets: readonly StagedAsset[];
}

/** A pair with its book, to be written down; and how it came about. */
export interface RecordedPair extends Pick<StagedUpgrade, 'settlement' | 'surveys'> {
  readonly survey: SurveyReport;
  readonly decided: DecisionsByAsset;
}

/** Surveys what the migration did, settles what is asked, and puts the pair and the book together. */
export async function recordPair(
  ground: Ground,
  workspace: Workspace,
  parts: PairParts,
): Promise<RecordedPair> {
  const { stage, before, after, assets } = parts;
  const { from, to, way, decisions: said, takesProvenMaps, onProgress } = stage;
  const id = newPairId(ground);
  const at = new Date(ground.host.clock.now()).toISOString();
  const reversal = reversalOf(ground, { from, to, maps: {} });
  await requireSoundReversal(ground, {
    pair: { from, to, maps: {}, decided: id },
    before,
    after: madeOf(assets),
    folder: join(workspace.work, 'reversal'),
  });
  const surveys = await surveyAssets(ground, workspace, { before, assets, reversal, onProgress });
  const questions = questionsOf(surveys, { said, reversal });
  const answers = await stage.decide({ from, to, surveys, questions });
  const settled = settleQuestions(questions, { answers, said, takesProvenMaps, at });
  const pair: Pair = {
    id,
    run: workspace.run,
    from,
    to,
    at,
    way,
    before: before.id,
    after,
    maps: settled.maps,
    ...(Object.keys(settled.documents).length === 0 ? {} : { documents: settled.documents }),
    decided: id,
    ...(way === 'synthesised' ? { unknown: droppedPlaces(surveys) } : {}),
  };
  writeDecisions(ground, id, {
    reversalSha256: reversal?.sha256 ?? null,
    assets: withTakenOf(settled),
  });
  recordFindings(ground, pair, {
    before,
    after: openState(ground, after, workspace.work),
    reversal,
    surveys,
  });
  const book: Book = {
    ...stage.book,
    release: to,
    lastGood: from,
    lineage: [...stage.book.lineage, id],
    departure: null,
  };
  return {
    settlement: { book, pairs: [pair] },
    surveys,
    survey: surveyReport(surveys, settled),
    decided: settled.decisions,
  };
}

/** Decisions, and what was taken from the data beside them. */
function withTakenOf({ decisions, taken }: Settled): Settled['taken'] {
  const assets = [...new Set([...Object.keys(decisions), ...Object.keys(taken)])];
  return Object.fromEntries(
    assets.map((asset) => [asset, [...(decisions[asset] ?? []), ...(taken[asset] ?? [])]]),
  );
}

/** What a migration made, asset by asset. */
export function madeOf(assets: readonly StagedAsset[]): PairSide {
  const wanted = new Map(assets.map((asset) => [asset.name, asset.wanted]));
  return { side: (asset) => wanted.get(asset) ?? new Map() };
}

/** Places that only the old shape has, and no rule reads from the new one. */
function droppedPlaces(surveys: readonly Surveyed[]): Record<string, string[]> {
  const dropped = surveys.map(({ asset, survey }): [string, string[]] => [
    asset,
    survey.findings.flatMap(({ place, side }) => (side === 'old' ? [place] : [])),
  ]);
  return Object.fromEntries(dropped.filter(([, places]) => places.length > 0));
}
