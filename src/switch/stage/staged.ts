import { z } from 'zod';
import type { DamageCount, Side, UnitName } from '../../asset/asset.ts';
import type { OpenQuestion, Outcome, Place } from '../../law/place.ts';
import { book, departure, pair, snapshot } from '../book.ts';
import { damageRecord, outcomeRecord, questionRecord } from '../report/outcome-record.ts';
import { surveyRecord, type SurveyReport } from '../report/survey-report.ts';

/** What a stage made of one asset. */
export interface StagedAsset {
  readonly name: string;
  readonly wanted: Side;
  /** False where the asset is taken from one side as it lies there. */
  readonly isMerged: boolean;
  readonly outcome: Outcome;
  readonly damage: Readonly<Record<Place, DamageCount>>;
  readonly oneWay: readonly Place[];
  readonly notes: readonly string[];
  readonly questions: readonly OpenQuestion[];
  /** Files that hold what was parked. */
  readonly parked: Side;
  /** See `MergeResult.checked`; a run that is taken up again knows nothing of it. */
  readonly checked?: ReadonlySet<UnitName>;
}

/** Everything that is settled before the first rename, kept in the run's folder for a recovery. */
export interface StagedSwitch {
  readonly assets: readonly StagedAsset[];
  readonly settlement: Settlement;
  /** An upgrade's. */
  readonly survey?: SurveyReport;
}

const settlement = z.object({
  book,
  pairs: z.array(pair),
  /** What undoing needs of a switch that leaves the release in its place. */
  departure: departure.optional(),
  /** The rollback on record whose place this run's takes; it is on record again where this run is taken back. */
  former: departure.optional(),
});
/** What is written to the records once the switch is done; idempotent. */
export type Settlement = z.output<typeof settlement>;

const move = z.object({
  asset: z.string(),
  unit: z.string(),
  live: z.string(),
  staged: z.string().nullable(),
  displaced: z.string().nullable(),
  stray: z.string(),
});

/** What a stage made of one asset, as a recovery reads it to report it. */
const stagedAsset = z.object({
  name: z.string(),
  isMerged: z.boolean(),
  outcome: outcomeRecord,
  damage: damageRecord,
  oneWay: z.array(z.string()),
  notes: z.array(z.string()),
  questions: z.array(questionRecord).default([]),
  parked: z.array(z.tuple([z.string(), z.string()])),
});

/** The part of a staged switch that a recovery needs: `runs/<run>/staged.json`. */
export const stagedRecord = z.object({
  assets: z.array(stagedAsset),
  moves: z.array(move),
  settlement,
  survey: surveyRecord.optional(),
  /** Hidden folders beside the live state. */
  siblings: z.array(z.string()),
  /** The safety snapshot. */
  now: snapshot,
});
export type StagedRecord = z.output<typeof stagedRecord>;

export function recordOf(asset: StagedAsset): z.output<typeof stagedAsset> {
  const { wanted: _wanted, checked: _checked, ...rest } = asset;
  return {
    ...rest,
    oneWay: [...rest.oneWay],
    notes: [...rest.notes],
    questions: [...rest.questions],
    parked: [...rest.parked],
  };
}

/** A staged asset as far as a report needs it; where its units were staged no longer matters. */
export function assetOf(record: z.output<typeof stagedAsset>): StagedAsset {
  return { ...record, wanted: new Map(), parked: new Map(record.parked) };
}

export const emptyOutcome: Outcome = {
  carried: { inserted: 0, updated: 0, deleted: 0 },
  parked: [],
  decisions: [],
  reconciled: true,
};

/** An asset that is wanted exactly as one side has it. */
export function unmerged(name: string, wanted: Side): StagedAsset {
  return {
    name,
    wanted,
    isMerged: false,
    outcome: emptyOutcome,
    damage: {},
    oneWay: [],
    notes: [],
    questions: [],
    parked: new Map(),
  };
}

/**
 * Two steps over the same asset, told as one. The second one's counts hold the first one's, since it
 * begins with what the first one made; what was parked adds up.
 */
export function folded(first: StagedAsset, second: StagedAsset): StagedAsset {
  return {
    ...second,
    isMerged: first.isMerged || second.isMerged,
    outcome: {
      carried: (second.isMerged ? second : first).outcome.carried,
      parked: [...first.outcome.parked, ...second.outcome.parked],
      decisions: [...first.outcome.decisions, ...second.outcome.decisions],
      reconciled: first.outcome.reconciled && second.outcome.reconciled,
    },
    damage: { ...first.damage, ...second.damage },
    oneWay: [...first.oneWay, ...second.oneWay],
    notes: [...first.notes, ...second.notes],
    questions: [...first.questions, ...second.questions],
    parked: new Map([...first.parked, ...second.parked]),
  };
}
