import type { Clock } from '../../host/clock.ts';
import type { OnProgress, Progress, RowsDone } from '../report/events.ts';

/** More often nobody reads it. */
const everyMs = 250;
/** Earlier the time that is left cannot be told. */
const settledMs = 1000;

/**
 * How far the work on one asset is: what is done and, where its rows are compared by pages, how many of them; of a large file,
 * how many bytes.
 */
export interface AssetProgress {
  readonly enter: (doing: string) => void;
  readonly onRows: (done: number, total: number) => void;
  readonly onBytes: (done: number, total: number) => void;
}

/** Tells each step as it begins, and rows at most four times a second. */
export function openAssetProgress(
  clock: Pick<Clock, 'monotonicMs'>,
  tell: OnProgress,
  asset: Omit<Progress, 'step' | 'rows' | 'bytes'>,
): AssetProgress {
  let step = '';
  const counter = (name: 'rows' | 'bytes'): ((done: number, total: number) => void) => {
    const measure = openMeasure(clock);
    return (done, total) => {
      const counted = measure(done, total);
      if (counted !== null) tell({ ...asset, step, [name]: counted });
    };
  };
  let onBytes = counter('bytes');
  return {
    enter: (doing) => {
      step = doing;
      onBytes = counter('bytes');
      tell({ ...asset, step });
    },
    onRows: counter('rows'),
    onBytes: (done, total) => onBytes(done, total),
  };
}

/** Null where it was told a moment ago. */
function openMeasure(
  clock: Pick<Clock, 'monotonicMs'>,
): (done: number, total: number) => RowsDone | null {
  let startedMs: number | null = null;
  let toldMs = 0;
  return (done, total) => {
    const nowMs = clock.monotonicMs();
    startedMs ??= nowMs;
    const passedMs = nowMs - startedMs;
    if (nowMs - toldMs < everyMs && done < total) return null;
    toldMs = nowMs;
    const isSettled = passedMs >= settledMs && done > 0;
    const leftMs = isSettled ? Math.round((passedMs / done) * (total - done)) : null;
    return { done, total, leftMs };
  };
}
