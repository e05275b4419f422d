import type { Clock } from '../../host/clock.ts';
import type { OnProgress, Progress } from '../report/events.ts';

/** More often nobody reads it. */
const everyMs = 250;
/** Earlier the time that is left cannot be told. */
const settledMs = 1000;

/** How far the merge of one asset is: what it is doing and, where its rows are compared by pages, how many of them. */
export interface AssetProgress {
  readonly enter: (doing: string) => void;
  readonly onRows: (done: number, total: number) => void;
}

/** Tells each step as it begins, and rows at most four times a second. */
export function openAssetProgress(
  clock: Pick<Clock, 'monotonicMs'>,
  tell: OnProgress,
  asset: Omit<Progress, 'step' | 'rows'>,
): AssetProgress {
  let step = '';
  let startedMs: number | null = null;
  let toldMs = 0;
  return {
    enter: (doing) => {
      step = doing;
      tell({ ...asset, step });
    },
    onRows: (done, total) => {
      const nowMs = clock.monotonicMs();
      startedMs ??= nowMs;
      const passedMs = nowMs - startedMs;
      if (nowMs - toldMs < everyMs && done < total) return;
      toldMs = nowMs;
      const isSettled = passedMs >= settledMs && done > 0;
      const leftMs = isSettled ? Math.round((passedMs / done) * (total - done)) : null;
      tell({ ...asset, step, rows: { done, total, leftMs } });
    },
  };
}
