import type { FileStat } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import type { Command } from '../form/command.ts';
import type { DocumentProposal } from '../law/json/propose/proposal.ts';
import type { Decision, Finding, OpenQuestion, Outcome, Place } from '../law/place.ts';
import type { Reversal } from '../law/reversal/reversal.ts';
import type { SnapshotId } from '../store/snapshot-id.ts';
import type { SnapshotWriter } from '../store/writer.ts';

/**
 * One thing of an asset that is renamed as a whole: a file, a link, now and then a folder. Its name is a
 * relative path (`/` between its parts) that stays the same in the live state, in snapshots and while
 * staging: `config.json`, `plugins/a.txt`, `sdm.db`, `current`.
 */
export type UnitName = string;

/** One side of an asset: where each of its units lies, absolute. Whoever is given a side only reads it. */
export type Side = ReadonlyMap<UnitName, string>;

/** Units of an asset as they were captured while the same release ran, each where it was restored to. */
export interface EarlierState {
  readonly id: SnapshotId;
  /** ISO 8601, UTC: when it was captured. */
  readonly at: string;
  /** Empty where what was captured cannot be read any more. */
  readonly side: Side;
}

/** Which way a merge looks: `back` towards the older release, `forth` towards the newer one. */
export type Direction = 'back' | 'forth';

/**
 * `result = base ⊕ diff(origin, latest)`, for one asset. Sides are at rest: nobody writes them. A unit that is
 * the same in all three may be left out of all three; the result then says nothing of it.
 */
export interface MergeRequest {
  readonly direction: Direction;
  /** back: before the upgrade · forth: what was displaced by the rollback. */
  readonly base: Side;
  /** back: right after the upgrade · forth: right after the rollback. */
  readonly origin: Side;
  /** The state now. */
  readonly latest: Side;
  /**
   * What was captured between origin and latest, newest first; each is restored when it is asked for. What is damaged or
   * gone in latest stands as in the newest of them in which it is sound. Absent: as in origin.
   */
  readonly earlier?: () => Iterable<EarlierState>;
  /**
   * forth: the pair of the upgrade that was rolled back, and what that rollback parked (`parkedUnits`). Without
   * it, damage that the rollback refused comes back with the displaced state.
   */
  readonly rolledBack?: { readonly before: Side; readonly after: Side; readonly parked: Side };
  /**
   * forth: of two rows under one integer id, one in base and one made since in latest, the latter gets a new id, and not
   * the former.
   */
  readonly keepsBaseIds?: boolean;
  /** From the newer release to the older one, whichever way is gone; null where none is written. */
  readonly reversal: Reversal | null;
  readonly decisions: readonly Decision[];
  /**
   * What alone is merged of the units, the rest of each stays as `latest` has it: tables of a database, and paths of
   * documents as `file#path` (back only). Absent: all of them.
   */
  readonly parts?: readonly string[];
  /** back: what the survey of base and origin found, with this reversal; without it they are surveyed anew. */
  readonly findings?: readonly Finding[];
  /** An empty folder for the results, on the file system of the live state where that matters. */
  readonly into: string;
  /** An empty folder for working files, thrown away afterwards. */
  readonly scratch: string;
  /** ISO 8601, UTC: when the merge was asked for. */
  readonly at: string;
  /** Awaited now and then in a long merge: where it throws, the merge ends with that. */
  readonly pause?: () => Promise<void>;
  /** Told now and then how many rows of how many were compared. */
  readonly onRows?: (done: number, total: number) => void;
  /** Told what the merge is at, in a word. */
  readonly enter?: (doing: string) => void;
}

/** A merge that was made of an earlier state while the application went on. It is brought up once, or thrown away. */
export interface AheadMerge {
  /**
   * The same as `merge` of this request, of which only what changed since is merged. Null, with nothing left in its
   * folders, where it has to be merged whole.
   */
  bringUp(request: MergeRequest): Promise<MergeResult | null>;
}

/** How much a table or document lost since the upgrade. */
export const damages = ['deleted', 'emptied', 'overwritten'] as const;
export type Damage = (typeof damages)[number];

export interface DamageCount {
  /** Rows, or values, right after the upgrade. */
  readonly total: number;
  readonly deleted: number;
  readonly emptied: number;
  readonly overwritten: number;
  /** Which of them were above the limit, and so parked. */
  readonly parked: readonly Damage[];
}

export interface MergeResult {
  /** The wanted units; a path is in `into`, or of a side where a unit is wanted exactly as it lies there. */
  readonly units: Side;
  readonly outcome: Outcome;
  /** By table, document or file; only where something was lost. */
  readonly damage: Readonly<Record<Place, DamageCount>>;
  /** Places whose changes under the older release could not go forward again. */
  readonly oneWay: readonly Place[];
  /** The parked values themselves, in files within `into` (unit names begin with `.parked/`). */
  readonly parkedUnits: Side;
  /** back: what only a person can tell, and none has told; it was parked. */
  readonly questions: readonly OpenQuestion[];
  /** Units that were found sound, with their indexes, before what was written last was brought into them. */
  readonly checked?: ReadonlySet<UnitName>;
  /** What a person should know: damaged parts, quarantined files, faults of expressions. One line each. */
  readonly notes: readonly string[];
}

/** What the upgrade did to an asset, before any user touched it. */
export interface AssetSurvey {
  readonly findings: readonly Finding[];
  /** What the data suggests for documents. */
  readonly proposals?: readonly DocumentProposal[];
  readonly oneWay: readonly Place[];
  readonly notes: readonly string[];
}

export interface SurveyRequest {
  readonly before: Side;
  readonly after: Side;
  readonly reversal: Reversal | null;
  readonly scratch: string;
}

/** One check of an asset's state. `row` is the manual's row that asks for it. */
export interface Check {
  readonly row: string;
  readonly name: string;
  readonly status: 'success' | 'warning' | 'error';
  readonly measured: string;
}

/** What a switch knows of the units that it has put in their places, or left there. */
export interface KnownUnits {
  /** Captured a moment ago and left where they stand: they can be read. */
  readonly captured?: ReadonlySet<UnitName> | undefined;
  /** Merged beforehand and looked through then: all but what was brought in later is sound (`MergeResult.checked`). */
  readonly checked?: ReadonlySet<UnitName> | undefined;
}

/** What a handler works with. */
export interface AssetSurroundings {
  readonly host: Host;
  /** What the asset's own commands (kind `command`) see. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The asset that a file (absolute path) belongs to, or null: the manifest's `ownership`. */
  readonly ownerOf: (file: string) => string | null;
  /** A command with its placeholders filled in; `more` adds to the values of the run (`file`). */
  readonly fill: (
    command: Command,
    more: Readonly<Record<string, string>>,
  ) => readonly [program: string, ...args: string[]];
}

export interface CaptureOptions {
  readonly as: string;
  readonly isQuiet: boolean;
  /** Told of every file of an asset whose `heldFiles` are `seen`. */
  readonly sees?: ((path: string, stat: FileStat) => void) | undefined;
  /** Told how many bytes of a file are copied before it is captured. */
  readonly onCopied?: ((done: number, total: number) => void) | undefined;
}

/**
 * What every kind of asset can do. Nothing here changes the live state but `settle` and `apply`; the
 * executor renames what differs. Failures throw BackstepError `asset/…`, `law/…`, `document/…`.
 */
export interface AssetHandler {
  readonly name: string;
  /** The units that stand live now. */
  live(): Side;
  /** Where a unit lives, whether it stands there now or not. */
  placeOf(unit: UnitName): string;
  /** Units that may come to stand beside the others at any moment, by whoever opens those; absent where none can. */
  mayAppear?(): readonly UnitName[];
  /** Files that nobody else may hold open once the application is stopped; `seen`: all that `capture` sees. */
  heldFiles(): readonly string[] | 'seen';
  /**
   * Makes the live state one that can be renamed, once nobody uses it: folds a WAL in. Never fails for
   * damage: what cannot be folded in travels with its file. May run twice.
   */
  settle(): void;
  /**
   * Adds the live units to a snapshot, below `as`. While the application runs (`isQuiet: false`) a
   * database is copied through SQLite; afterwards files are taken as they lie.
   */
  capture(writer: SnapshotWriter, options: CaptureOptions): Promise<void>;
  /** Compares the state before an upgrade with the one after it. */
  survey(request: SurveyRequest): Promise<AssetSurvey>;
  merge(request: MergeRequest): Promise<MergeResult>;
  /**
   * Merges a state that users still write to, so that later only the difference is left to do; its folders are kept until
   * then. Null where that would gain nothing, or where all depends on the last state. Absent where it never gains.
   */
  mergeAhead?(request: MergeRequest): Promise<AheadMerge | null>;
  /**
   * Is this side whole: does it parse, is it free of corruption and dangling references? What is known of its units need
   * not be looked at again.
   */
  check(side: Side, known?: KnownUnits): Promise<readonly Check[]>;
  /** Writes a unit that is no file (kind `command`) after everything is in its place. May run twice. */
  apply?(unit: UnitName, path: string): Promise<void>;
}
