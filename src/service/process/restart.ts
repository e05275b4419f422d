/** When a child that crashed is started again. */
export interface RestartPolicy {
  /** Crashes in a row after which it stays down. */
  readonly limit: number;
  /** The wait after the first crash; it doubles with each further one. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** A child that ran at least this long is sound: its crash counts as the first again. */
  readonly soundAfterMs: number;
}

export interface ChildExit {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export type RestartVerdict =
  | { readonly kind: 'restart'; readonly waitMs: number; readonly crashCount: number }
  | {
      readonly kind: 'stay-down';
      readonly why: 'ended' | 'crash-limit';
      readonly crashCount: number;
    };

/** Decides after one end of the child; `crashCount` is that of the verdict before (0 at first). */
export function restartVerdict(
  policy: RestartPolicy,
  exit: ChildExit,
  past: { readonly crashCount: number; readonly ranMs: number },
): RestartVerdict {
  if (exit.exitCode === 0) return { kind: 'stay-down', why: 'ended', crashCount: past.crashCount };
  const crashCount = past.ranMs >= policy.soundAfterMs ? 1 : past.crashCount + 1;
  if (crashCount >= policy.limit) return { kind: 'stay-down', why: 'crash-limit', crashCount };
  const waitMs = Math.min(policy.firstWaitMs * 2 ** (crashCount - 1), policy.longestWaitMs);
  return { kind: 'restart', waitMs, crashCount };
}
