import type { CarriedCount, Outcome, ParkedCount } from '../law/place.ts';
import type { MergeResult } from './asset.ts';

export const nothingCarried: CarriedCount = { inserted: 0, updated: 0, deleted: 0 };

/** Nothing changed, so nothing was carried or parked. */
export const quietOutcome: Outcome = {
  carried: nothingCarried,
  parked: [],
  decisions: [],
  reconciled: true,
};

export function parkedOutcome(parked: readonly ParkedCount[]): Outcome {
  return { ...quietOutcome, parked };
}

/** The results of an asset's parts, as one. */
export function joinResults(results: readonly MergeResult[]): MergeResult {
  const outcomes = results.map((result) => result.outcome);
  return {
    units: new Map(results.flatMap((result) => [...result.units])),
    outcome: joinOutcomes(outcomes),
    damage: Object.assign({}, ...results.map((result) => result.damage)),
    oneWay: [...new Set(results.flatMap((result) => result.oneWay))],
    parkedUnits: new Map(results.flatMap((result) => [...result.parkedUnits])),
    notes: results.flatMap((result) => result.notes),
    questions: results.flatMap((result) => result.questions),
  };
}

function joinOutcomes(outcomes: readonly Outcome[]): Outcome {
  const total = (name: keyof CarriedCount): number =>
    outcomes.reduce((sum, { carried }) => sum + carried[name], 0);
  return {
    carried: {
      inserted: total('inserted'),
      updated: total('updated'),
      deleted: total('deleted'),
    },
    parked: outcomes.flatMap(({ parked }) => parked),
    decisions: outcomes.flatMap(({ decisions }) => decisions),
    reconciled: outcomes.every(({ reconciled }) => reconciled),
  };
}

/** A result in which nothing but what is given came about. */
export function resultOf(part: Partial<MergeResult>): MergeResult {
  return {
    units: new Map(),
    outcome: quietOutcome,
    damage: {},
    oneWay: [],
    parkedUnits: new Map(),
    notes: [],
    questions: [],
    ...part,
  };
}
