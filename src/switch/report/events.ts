import type { Check } from '../../asset/asset.ts';
import type { Phase } from '../phases.ts';

/** What a run tells while it is under way; each event names its run. */
export type RunEvent =
  | {
      readonly type: 'phase';
      readonly run: string;
      readonly phase: Phase;
      readonly state: 'begun' | 'done' | 'failed';
      /** How long it took; missing where it has begun only. */
      readonly ms?: number;
    }
  | {
      readonly type: 'progress';
      readonly run: string;
      readonly phase: Phase;
      readonly asset: string;
      /** What is done to the asset at the moment. */
      readonly step: string;
      /** Assets that are finished, of all. */
      readonly done: number;
      readonly total: number;
      readonly rows?: RowsDone;
      readonly bytes?: BytesDone;
    }
  | ({ readonly type: 'check'; readonly run: string } & Check)
  | { readonly type: 'warning'; readonly run: string; readonly message: string };

/** What is under way within one phase, asset by asset. */
export interface Progress {
  readonly asset: string;
  readonly step: string;
  readonly done: number;
  readonly total: number;
  readonly rows?: RowsDone;
  readonly bytes?: BytesDone;
}

/** Of a large table: rows that were compared, each of them twice: to find what changed, and to prove the result. */
export type RowsDone = HowFar;

interface HowFar {
  readonly done: number;
  readonly total: number;
  /** Null where it is too early to tell. */
  readonly leftMs: number | null;
}
/** Of a large file that is copied, or read into the store. */
export type BytesDone = HowFar;

export type OnProgress = (progress: Progress) => void;
