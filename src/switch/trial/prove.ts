import { join } from 'node:path/posix';
import type { AssetHandler, Side } from '../../asset/asset.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { randomHex } from '../../host/random.ts';
import { makeFolders, removeTree } from '../../host/whole-file.ts';
import { readPair, readRecord, writeRecord, type Pair } from '../book.ts';
import { reversalOf } from '../decided.ts';
import { differencesIn, type Difference } from './difference.ts';
import type { OnProgress } from '../report/events.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { mergeStates, type LatestState, type MergeStep } from '../stage/merge-states.ts';
import { receiptsOf, throughPair, type PairStep, type Receipts } from '../report/receipt.ts';
import { capturedState, madeState } from '../stage/stage-rollback.ts';
import { stagedRecord, type StagedAsset, type StagedRecord } from '../stage/staged.ts';
import { openStates, type States } from '../stage/states.ts';
import type { Workspace } from '../stage/workspace.ts';

/** The round trip of one asset over one step. */
export interface AssetTrip {
  /** Where the rollback, made again, is not what the run made. Nothing, or the proof fails. */
  readonly again: readonly Difference[];
  /** Where the result, led forth onto the state right after the upgrade, is not what was displaced. */
  readonly notBroughtBack: readonly (Difference & {
    /** The run listed it among what it parked: a `return` takes it from there. */
    readonly isParked: boolean;
  })[];
  /** Where going back once more is not what the run made. Nothing, or the proof fails. */
  readonly back: readonly Difference[];
}

export interface ProofStep {
  readonly pair: string;
  readonly from: string;
  readonly to: string;
  readonly assets: Readonly<Record<string, AssetTrip>>;
}

/** What `backstep prove` found; also `runs/<run>/proof.json`. */
export interface Proof {
  readonly run: string;
  readonly at: string;
  readonly isProven: boolean;
  readonly steps: readonly ProofStep[];
  readonly receipts: Receipts;
}

/**
 * Makes the round trip of a rollback on copies: back from the state that was displaced, forth from the result alone, and
 * back again. Nothing live is read or written; the proof is kept beside the run's report. Throws `switch/no-run` where
 * the run is no finished rollback, `store/no-snapshot` where its states were pruned, `interrupted`.
 */
export async function prove(ground: Ground, run: string, options: ProveOptions): Promise<Proof> {
  const { host, folders } = ground;
  const { record, steps } = requireRollback(ground, run);
  const folder = join(folders.root, `.proving-${randomHex(host.random, 6)}`);
  makeFolders(host.disk, folder, 0o700);
  try {
    const states = openStates(ground, join(folder, 'states'));
    const made: ProofStep[] = [];
    for (const [index, step] of steps.entries()) {
      const name = String(index + 1);
      made.push(await proveStep(ground, { record, step, name, states, folder, options }));
    }
    const isProven = made.every(({ assets }) =>
      Object.values(assets).every(({ again, back }) => again.length + back.length === 0),
    );
    const parts = { run, steps, states, folder: join(folder, 'receipts'), isLimited: false };
    const receipts = receiptsOf(ground, parts);
    const proof = {
      run,
      at: new Date(host.clock.now()).toISOString(),
      isProven,
      steps: made,
      receipts,
    };
    writeRecord(host, join(folders.runs, run, 'proof.json'), proof);
    return proof;
  } finally {
    removeTree(host.disk, folder);
  }
}

function requireRollback(
  { host, folders }: Ground,
  run: string,
): { readonly record: StagedRecord; readonly steps: readonly PairStep[] } {
  const record = readRecord(host, join(folders.runs, run, 'staged.json'), stagedRecord);
  const departure = record?.settlement.book.departure ?? null;
  const steps = departure?.run === run ? departure.steps.flatMap(throughPair) : [];
  if (record !== null && steps.length > 0) return { record, steps };
  throw new BackstepError('switch/no-run', {
    message: `${run} has no states on record between which a round trip could be made`,
    hint: 'name a finished rollback of the whole application, from `backstep history`',
  });
}

export interface ProveOptions {
  readonly onProgress: OnProgress;
  /** Heeded between the merges. */
  readonly signal: AbortSignal;
}

interface Proving {
  readonly record: StagedRecord;
  readonly step: PairStep;
  readonly name: string;
  readonly states: States;
  readonly folder: string;
  readonly options: ProveOptions;
}

async function proveStep(ground: Ground, proving: Proving): Promise<ProofStep> {
  const { step, states } = proving;
  const pair = readPair(ground.host, ground.folders, step.pair);
  const [displaced, result] = [states(step.displaced), states(step.result)];
  const back = (name: string, latest: LatestState): Promise<StagedAsset[]> =>
    tryMerge(ground, { proving, pair, name: `${name}-${proving.name}`, direction: 'back', latest });
  const again = await back('again', capturedState(displaced));
  const latest = capturedState(result);
  const forth = await tryMerge(ground, {
    proving,
    pair,
    name: `forth-${proving.name}`,
    direction: 'forth',
    latest,
  });
  const returned = await back('back', madeState(forth));
  const compared = (a: readonly StagedAsset[], { name }: AssetHandler, b: Side): Difference[] => {
    const side = a.find((each) => each.name === name)?.wanted ?? new Map<string, string>();
    return differencesIn(ground, proving.folder, { name, from: b, to: side });
  };
  const trips = stateAssets(ground).map((asset): [string, AssetTrip] => {
    const [was, is] = [displaced.side(asset.name), result.side(asset.name)];
    const parked = proving.record.assets.find(({ name }) => name === asset.name)?.outcome.parked;
    const places = new Set((parked ?? []).map(({ what }) => what));
    return [
      asset.name,
      {
        again: compared(again, asset, is),
        notBroughtBack: compared(forth, asset, was).map((each) => ({
          ...each,
          isParked: places.has(each.place) || places.has(each.place.split('.')[0] ?? ''),
        })),
        back: compared(returned, asset, is),
      },
    ];
  });
  return { pair: pair.id, from: pair.to, to: pair.from, assets: Object.fromEntries(trips) };
}

interface Trying {
  readonly proving: Proving;
  readonly pair: Pair;
  readonly name: string;
  readonly direction: MergeStep['direction'];
  readonly latest: LatestState;
}

/** back: before ⊕ diff(after, latest) · forth: after ⊕ diff(before, latest). Throws `interrupted`. */
async function tryMerge(ground: Ground, trying: Trying): Promise<StagedAsset[]> {
  await heed(ground, trying.proving.options.signal);
  const { proving, pair, name, direction, latest } = trying;
  const { states, record, options } = proving;
  const [before, after] = [states(pair.before), states(pair.after)];
  const isBack = direction === 'back';
  return mergeStates(ground, workspaceIn(proving.folder, name), {
    assets: stateAssets(ground),
    step: {
      name,
      direction,
      base: isBack ? before : after,
      origin: isBack ? after : before,
      latest,
      reversal: reversalOf(ground, pair),
      decisionsOf: (asset) =>
        record.assets.find((each) => each.name === asset)?.outcome.decisions ?? [],
      onProgress: options.onProgress,
    },
  });
}

/** Signals are delivered between turns of the event loop. */
async function heed({ host }: Ground, signal: AbortSignal): Promise<void> {
  await host.clock.sleep(0);
  if (!signal.aborted) return;
  throw new BackstepError('interrupted', {
    message: 'the proof was interrupted',
    hint: 'run it again; nothing was touched',
  });
}

/** A place to work that is nowhere near the live state. */
function workspaceIn(folder: string, name: string): Workspace {
  const root = join(folder, name);
  const sibling = {
    root,
    staged: join(root, 'staged'),
    displaced: join(root, 'displaced'),
    strays: join(root, 'strays'),
  };
  return {
    run: name,
    record: root,
    work: join(root, 'work'),
    siblingOf: () => sibling,
    siblings: () => [root],
  };
}
