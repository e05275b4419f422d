import type { Disk } from '../../host/disk.ts';
import type { Decision, Finding } from '../place.ts';
import type { CarryLimit } from './damage.ts';
import type { OnRows } from './row-progress.ts';
import type { Direction, Lenses } from './view.ts';

/** `result = base ⊕ diff(origin, latest)`. All paths are files; the first three are closed databases. */
export interface MergeFiles {
  readonly base: string;
  readonly origin: string;
  readonly latest: string;
  /** Made by the merge; must not exist. */
  readonly result: string;
  /** Made by the merge: what the wanted shape cannot hold. Must not exist. */
  readonly parked: string;
  /** A working file, thrown away by the caller. Must not exist. */
  readonly scratch: string;
}

/** A result that was made of an earlier state, and is brought up to `latest`: its files are there already. */
export interface BroughtFiles extends MergeFiles {
  /** The state that it was made of, closed. */
  readonly earlier: string;
}

export interface MergeTerms {
  readonly direction: Direction;
  readonly lenses: Lenses;
  readonly decisions: readonly Decision[];
  /** Table → columns that make a row another thing when they differ. */
  readonly identity: Readonly<Record<string, readonly string[]>>;
  /** Table → limit; the default for the others. */
  readonly carryLimits: Readonly<Record<string, CarryLimit>>;
  /** Tables that come from base as they are. */
  readonly bookkeeping: readonly string[];
  /** Derived data by name (a virtual table's own, or any): SQL run on the result. */
  readonly rebuild: Readonly<Record<string, string>>;
  /** Tables of the wanted shape that are merged; the others come from base as they are. Absent: all. */
  readonly only?: ReadonlySet<string>;
  /** What the survey of this very pair found when it was made; without it, it is surveyed anew. */
  readonly findings?: readonly Finding[];
  /** Where the files lie: their pages are compared then, and not all of their rows. */
  readonly disk?: Disk;
  /** Awaited between tables and phases, and every few thousand pages that are compared: where it throws, the merge ends with that. */
  readonly pause?: () => Promise<void>;
  /** Told how many rows of how many were compared, where pages are. */
  readonly onRows?: OnRows;
  /** Told when a phase begins; `done` at the end. */
  readonly enter?: (phase: Phase) => void;
}

export type Phase =
  | 'copy'
  | 'survey'
  | 'delta'
  | 'images'
  | 'apply'
  | 'references'
  | 'reconcile'
  | 'unseen'
  | 'done';
