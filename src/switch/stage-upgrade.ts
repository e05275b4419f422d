import type { AssetHandler, AssetSurvey } from '../asset/asset.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Decision, Finding } from '../law/place.ts';
import type { SnapshotId } from '../store/snapshot-id.ts';
import type { Book, Pair } from './book.ts';
import { reversalOf, writeDecisions, type DecisionsByAsset } from './decided.ts';
import { stateAssets, type Ground } from './ground.ts';
import { newPairId } from './stage-return.ts';
import { unmerged, type StagedAsset, type StagedSwitch } from './staged.ts';
import { migrateTree, namingTree, rebased, treeIn } from './staged-tree.ts';
import { captureState, type CapturedState, type States } from './states.ts';
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
}

/** What the survey of one asset found that a rollback could not carry by itself. */
export interface Surveyed {
  readonly asset: string;
  readonly survey: AssetSurvey;
  readonly decisions: readonly Decision[];
}

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
  const { disk } = ground.host;
  const before = stage.states(stage.before);
  const [first] = stateAssets(ground);
  if (first === undefined) throw new Error('a manifest without assets');
  const tree = freshFolder(disk, treeIn(workspace.siblingOf(first).root));
  const copies = ground.openAssets(rebased(ground.manifest, tree));
  const handlers = stateAssets(ground).map((asset) => copyOf(copies, asset));
  for (const copy of handlers) layOut(disk, before.side(copy.name), (unit) => copy.placeOf(unit));
  await migrateTree(ground, { tree, release: ground.releases.folderOf(stage.to) });
  for (const copy of handlers) copy.settle();
  refuseStagedPaths(ground, handlers, tree);
  const after = await captureState(ground, handlers, {
    label: `after ${stage.to}`,
    isQuiet: true,
  });
  const assets = handlers.map((copy) => unmerged(copy.name, copy.live()));
  const recorded = await recordPair(ground, workspace, { stage, before, after, assets });
  return { assets, ...recorded };
}

function copyOf(copies: readonly AssetHandler[], asset: AssetHandler): AssetHandler {
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

interface PairParts {
  readonly stage: UpgradeStage;
  readonly before: CapturedState;
  readonly after: SnapshotId;
  readonly assets: readonly StagedAsset[];
}

async function recordPair(
  ground: Ground,
  workspace: Workspace,
  parts: PairParts,
): Promise<Pick<StagedUpgrade, 'settlement' | 'surveys'>> {
  const { stage, after } = parts;
  const id = newPairId(ground);
  const at = new Date(ground.host.clock.now()).toISOString();
  const bare = { from: stage.from, to: stage.to, maps: {} };
  const reversal = reversalOf(ground, bare);
  const surveys: { readonly asset: string; readonly survey: AssetSurvey }[] = [];
  for (const { name, wanted } of parts.assets) {
    const asset = stateAssets(ground).find((each) => each.name === name);
    if (asset === undefined) continue;
    const scratch = freshFolder(ground.host.disk, workspace.work, 'survey', name);
    const sides = { before: parts.before.side(name), after: wanted };
    surveys.push({ asset: name, survey: await asset.survey({ ...sides, reversal, scratch }) });
  }
  const maps = stage.takesProvenMaps ? provenMaps(ground, surveys) : {};
  const decided = surveys.map(({ asset, survey }) => ({
    asset,
    survey,
    decisions: decide(survey, { said: stage.decisions[asset] ?? [], maps: maps[asset] ?? {}, at }),
  }));
  const pair: Pair = {
    id,
    run: workspace.run,
    from: stage.from,
    to: stage.to,
    at,
    way: 'staged',
    before: stage.before,
    after,
    maps,
    decided: id,
  };
  writeDecisions(ground, id, {
    reversalSha256: reversal?.sha256 ?? null,
    assets: Object.fromEntries(decided.map(({ asset, decisions }) => [asset, decisions])),
  });
  const book: Book = {
    ...stage.book,
    release: stage.to,
    lastGood: stage.from,
    lineage: [...stage.book.lineage, id],
    departure: null,
  };
  return { settlement: { book, pairs: [pair] }, surveys: decided };
}

/** Places that a rollback could not carry by itself, with what becomes of their changes. */
function decide(
  survey: AssetSurvey,
  known: {
    readonly said: readonly Decision[];
    readonly maps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly at: string;
  },
): Decision[] {
  const open = survey.findings.filter((finding) => isOpen(finding, known.maps));
  const byDefault = open.map((finding): Decision => ({
    place: finding.place,
    choice: 'park',
    by: 'default',
    at: known.at,
    evidence: `${finding.differentCount} of ${finding.differentCount + finding.sameCount} differ, and no rule says how they correspond`,
  }));
  const said = new Set(known.said.map(({ place }) => place));
  return [...known.said, ...byDefault.filter(({ place }) => !said.has(place))];
}

function isOpen(
  finding: Finding,
  maps: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): boolean {
  if (finding.faith !== 'rewritten') return false;
  const [table, column] = finding.place.split('.');
  return column !== undefined && maps[table ?? '']?.[column] === undefined;
}

/** One-to-one maps that every row of a database shows: asset → table → column → new word → old word. */
function provenMaps(
  ground: Ground,
  surveys: readonly { readonly asset: string; readonly survey: AssetSurvey }[],
): Pair['maps'] {
  const maps: Pair['maps'] = {};
  for (const { asset, survey } of surveys) {
    if (ground.manifest.assets[asset]?.kind !== 'sqlite') continue;
    for (const { place, provenMap } of survey.findings) {
      const [table, column] = place.split('.');
      if (provenMap === null || table === undefined || column === undefined) continue;
      const tables = (maps[asset] ??= {});
      const columns = (tables[table] ??= {});
      columns[column] = { ...provenMap };
    }
  }
  return maps;
}
