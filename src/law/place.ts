/**
 * The words that every kind of state shares: places, whether they are faithful, what was decided
 * about them, and what came of it. Source: the law, `before ⊕ diff(after, now)`.
 */

/**
 * Names one place within an asset: `download_history.status` (column), `download_history` (key set),
 * `user_preferences.v2_theme_config#ui.sort` (path in a JSON cell), `config.json#ui.theme.mode` (path in
 * a document), `plugins/a.txt` (file).
 */
export type Place = string;

/**
 * faithful: the upgrade left it alone, changes are carried · rewritten: the upgrade changed it ·
 * blind: the new shape lacks it · unproven: nothing was there to compare.
 */
export const faiths = ['faithful', 'rewritten', 'blind', 'unproven'] as const;
export type Faith = (typeof faiths)[number];

/** What happens to users' changes in a place that is not faithful. */
export const choices = ['as-is', 'park', 'before'] as const;
export type Choice = (typeof choices)[number];

/** A place as the survey at upgrade time found it. Counts are rows, or values in a document. */
export interface Finding {
  readonly place: Place;
  readonly faith: Faith;
  readonly sameCount: number;
  readonly differentCount: number;
  /** Which shape has the place, where that is known; a place that only the old one has is lost with the upgrade. */
  readonly side?: 'both' | 'old' | 'new';
  /** A one-to-one map, old word → new word, that explains every difference; null where there is none. */
  readonly provenMap: Readonly<Record<string, string>> | null;
}

export interface Decision {
  readonly place: Place;
  readonly choice: Choice;
  /** Who or what decided: a person's name, `reversal`, or `default`. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly evidence: string;
}

/**
 * damage: what users seem to have lost is more than the limit · lazy: the new release seems to be still filling a column ·
 * new-rows: one reason parks every new row of a table · exposed: rows that were marked as deleted or private, say, are shown
 * again.
 */
export const questionKinds = ['damage', 'lazy', 'new-rows', 'exposed'] as const;

/** What only a person can tell of a rollback's data. Where nobody is asked, it is parked. */
export interface OpenQuestion {
  readonly kind: (typeof questionKinds)[number];
  readonly place: Place;
  /** Rows, or values of a document, that it is about, and of how many; of new rows there are no others. */
  readonly count: number;
  readonly total: number;
  /** What can be decided; `park` is the first. */
  readonly choices: readonly Choice[];
}

/**
 * Why the old shape could not hold a change: it has no such place (`blind`), the place changed its
 * meaning (`rewritten`), nothing proved it (`unproven`), a constraint of the old shape refused it
 * (`refused`), it references what was parked (`reference`), it looks like the bad release's own
 * damage (`damage`), or it is older than what the user wrote later (`stale`).
 */
export const parkReasons = [
  'blind',
  'rewritten',
  'unproven',
  'refused',
  'reference',
  'damage',
  'stale',
] as const;
export type ParkReason = (typeof parkReasons)[number];

export interface ParkedCount {
  readonly what: Place;
  readonly count: number;
  readonly why: ParkReason;
}

export interface CarriedCount {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** What the law did to one asset; the shape is that of `rollback --json`. */
export interface Outcome {
  readonly carried: CarriedCount;
  readonly parked: readonly ParkedCount[];
  readonly decisions: readonly Decision[];
  /** True when every changed cell or path was found either carried or parked. */
  readonly reconciled: boolean;
}
