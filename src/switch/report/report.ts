import { join } from 'node:path/posix';
import type { Check, DamageCount } from '../../asset/asset.ts';
import type { CarriedCount, Decision, OpenQuestion, ParkedCount, Place } from '../../law/place.ts';
import { readPair, writeRecord } from '../book.ts';
import { isRelease, type Ground } from '../ground.ts';
import { downtimeMs, phaseTimes, readJournal } from '../journal.ts';
import type { Stray } from '../moves.ts';
import type { RunResult } from '../phases.ts';
import {
  complexityOf,
  objectiveTypeOf,
  type Complexity,
  type Extent,
  type ObjectiveType,
  type SwitchPlan,
} from '../plan.ts';
import type { ReceiptStep, Receipts } from './receipt.ts';
import type { LateUnit } from '../settle.ts';
import type { StagedAsset } from '../stage/staged.ts';
import type { SurveyReport } from './survey-report.ts';

/** What one asset came to; the shape of `rollback --json`. */
export interface AssetReport {
  readonly carried: CarriedCount;
  readonly parked: readonly ParkedCount[];
  readonly decisions: readonly Decision[];
  readonly damage: Readonly<Record<Place, DamageCount>>;
  readonly reconciled: boolean;
  /** False where the asset was left as it was, or taken whole from before. */
  readonly merged: boolean;
  readonly notes: readonly string[];
  /** What a person could have told, and nobody was asked: it was parked. */
  readonly questions: readonly OpenQuestion[];
  /** A rollback's, over a database: what stood in each table and stands there now; null where none was made. */
  readonly receipt: readonly ReceiptStep[] | null;
}

export interface ObjectiveReport {
  readonly type: ObjectiveType;
  readonly targetMs: number;
  readonly maxDowntimeMs: number;
  /** Null where nothing was measured: a plan. */
  readonly met: boolean | null;
}

/** The document of a run: `upgrade --json`, `rollback --json`, `return --json`, `runs/<run>/report.json`. */
export interface RunReport {
  readonly run: string;
  readonly result: RunResult;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly class: Complexity;
  readonly way: 'pair' | 'synthesised' | 'folded' | 'staged' | 'forth' | 'captured';
  readonly oneWay: boolean;
  readonly downtimeMs: number | null;
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
  readonly assets: Readonly<Record<string, AssetReport>>;
  readonly checks: readonly Check[];
  readonly objective: ObjectiveReport;
  readonly strays: readonly Stray[];
  readonly late: readonly LateUnit[];
  /** What the operator's own commands complained of after the commit record. */
  readonly warnings: readonly string[];
  /** Why it did not end as wished; null where it did. */
  readonly fault: { readonly code: string; readonly message: string; readonly hint: string } | null;
  /** The run that took this one back; null where there is none. */
  readonly undoneBy: string | null;
  /** What an upgrade did to the state, and what was decided about it; null of other runs. */
  readonly survey: SurveyReport | null;
}

/** What a run gathers on its way. */
export interface Findings {
  assets: readonly StagedAsset[];
  checks: readonly Check[];
  strays: readonly Stray[];
  late: readonly LateUnit[];
  warnings: readonly string[];
  fault: RunReport['fault'];
  undoneBy: string | null;
  receipts: Receipts;
  survey: SurveyReport | null;
}

export const noFindings = (): Findings => ({
  assets: [],
  checks: [],
  strays: [],
  late: [],
  warnings: [],
  fault: null,
  undoneBy: null,
  receipts: {},
  survey: null,
});

/** Puts the document together from the plan, what was found and the journal's times. */
export function reportOf(
  ground: Ground,
  plan: SwitchPlan,
  end: { readonly result: RunResult; readonly findings: Findings },
): RunReport {
  const { findings, result } = end;
  const lines = readJournal(ground.host, ground.folders.journal, plan.run);
  const extent = extentOf(ground, plan, findings.assets);
  const downtime = downtimeMs(lines);
  return {
    run: plan.run,
    result,
    from: plan.from,
    to: plan.to,
    reason: plan.reason,
    class: complexityOf(extent),
    way: wayOf(ground, plan),
    oneWay: extent.isOneWay,
    downtimeMs: downtime,
    phases: phaseTimes(lines),
    assets: Object.fromEntries(
      findings.assets.map((asset) => [asset.name, assetReport(asset, findings.receipts)]),
    ),
    checks: findings.checks,
    objective: objectiveOf(ground, extent, downtime),
    strays: findings.strays,
    late: findings.late,
    warnings: findings.warnings,
    fault: findings.fault,
    undoneBy: findings.undoneBy,
    survey: findings.survey,
  };
}

/** `synthesised`: through the pair of an upgrade that was done without Backstep. */
export function wayOf(ground: Ground, plan: Pick<SwitchPlan, 'kind' | 'pairs'>): RunReport['way'] {
  if (plan.kind === 'upgrade') return 'staged';
  if (plan.kind === 'return') return 'forth';
  if (plan.kind === 'restore') return 'captured';
  const [first, ...others] = plan.pairs;
  if (first === undefined || others.length > 0) return 'folded';
  return readPair(ground.host, ground.folders, first).way === 'synthesised'
    ? 'synthesised'
    : 'pair';
}

export function assetReport(asset: StagedAsset, receipts: Receipts = {}): AssetReport {
  return {
    carried: asset.outcome.carried,
    parked: asset.outcome.parked,
    decisions: asset.outcome.decisions,
    damage: asset.damage,
    reconciled: asset.outcome.reconciled,
    merged: asset.isMerged,
    notes: asset.notes,
    questions: asset.questions,
    receipt: receipts[asset.name] ?? null,
  };
}

export function extentOf(
  ground: Ground,
  plan: Pick<SwitchPlan, 'kind' | 'from' | 'to' | 'pairs' | 'only' | 'emergency'>,
  assets: readonly StagedAsset[],
): Extent {
  const { manifest } = ground;
  return {
    mergedKinds: assets.flatMap(({ name, isMerged }) => {
      const kind = manifest.assets[name]?.kind;
      const isReplaced = isMerged || plan.kind === 'restore';
      return isReplaced && kind !== undefined ? [kind] : [];
    }),
    switchesRelease:
      plan.from !== plan.to &&
      plan.only === null &&
      Object.keys(manifest.assets).some((name) => isRelease(ground, name)),
    pairCount: plan.pairs.length,
    hasDamagedState: assets.some(({ notes }) => notes.some((note) => note.startsWith('damaged'))),
    isOneWay: assets.some(({ oneWay }) => oneWay.length > 0),
    isEmergency: plan.emergency,
  };
}

/** The manual's objective for this type of rollback (2.2), and whether the measured downtime kept it. */
export function objectiveOf(
  ground: Ground,
  extent: Extent,
  downtime: number | null,
): ObjectiveReport {
  const type = objectiveTypeOf(extent);
  const { target, maxDowntime } = ground.manifest.objectives[type];
  return {
    type,
    targetMs: target,
    maxDowntimeMs: maxDowntime,
    met: downtime === null ? null : downtime <= maxDowntime,
  };
}

export function writeReport(ground: Ground, report: RunReport): void {
  writeRecord(ground.host, join(ground.folders.runs, report.run, 'report.json'), report);
}
