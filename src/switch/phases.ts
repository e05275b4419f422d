/** What a run does, in this order. `commit` is the point after which it only goes forward. */
export const phases = [
  'preflight',
  'quiesce',
  'capture',
  'stage',
  'displace',
  'commit',
  'place',
  'start',
  'verify',
  'settle',
] as const;
export type Phase = (typeof phases)[number];

/** How a run ended. */
export const results = [
  'upgraded',
  'rolled-back',
  'returned',
  'restored',
  'carried',
  'undone',
  'abandoned',
  'held',
  'inconsistent',
] as const;
export type RunResult = (typeof results)[number];

/** The state that a run was left in: the phase that it had begun, or how it ended. */
export type RunState =
  | { readonly kind: 'in'; readonly phase: Phase }
  | { readonly kind: 'failed'; readonly phase: Phase }
  | { readonly kind: 'undoing' }
  | { readonly kind: 'taking-back' }
  | { readonly kind: 'ended'; readonly result: RunResult };

/**
 * discard: nothing live was touched, throw the staging away · restart: the same, and start what was
 * stopped · rename-back: put the displaced state back, then start it · forward: finish placing, start,
 * verify · policy: the release is in its place and is not sound, undo or hold · still: finish placing, start
 * nothing, hold · take-back: the opposite switch was begun, bring it to its end · none: there is nothing to do.
 */
export type Recovery =
  | 'discard'
  | 'restart'
  | 'rename-back'
  | 'forward'
  | 'policy'
  | 'still'
  | 'take-back'
  | 'none';

/** The one table: what each phase comes to when it fails, or when the process is killed in it. */
const recoveries: Readonly<
  Record<Phase, { readonly failed: Recovery; readonly killed: Recovery }>
> = {
  preflight: { failed: 'discard', killed: 'discard' },
  quiesce: { failed: 'restart', killed: 'restart' },
  capture: { failed: 'restart', killed: 'restart' },
  stage: { failed: 'restart', killed: 'restart' },
  displace: { failed: 'rename-back', killed: 'rename-back' },
  commit: { failed: 'rename-back', killed: 'forward' },
  place: { failed: 'rename-back', killed: 'forward' },
  start: { failed: 'policy', killed: 'forward' },
  verify: { failed: 'policy', killed: 'forward' },
  settle: { failed: 'forward', killed: 'forward' },
};

/** What a person's `abort` of a run depends on, once it is committed. */
export interface AbortTerms {
  readonly policy: 'undo' | 'hold';
  /** The target may have been written to: the renames alone no longer take the run back. */
  readonly hasStarted: boolean;
}

/** What is to be done about a run that was left in this state; `abort` where a person wants it to go back. */
export function recoveryFor(state: RunState, abort: AbortTerms | null = null): Recovery {
  switch (state.kind) {
    case 'in':
    case 'failed': {
      const { failed, killed } = recoveries[state.phase];
      const recovery = state.kind === 'in' ? killed : failed;
      const isCommitted =
        state.kind === 'in' ? !isBeforeCommit(state.phase) : isAfterCommit(state.phase);
      return abort !== null && isCommitted ? aborted(abort) : recovery;
    }
    case 'undoing':
      return 'rename-back';
    case 'taking-back':
      return 'take-back';
    case 'ended':
      return 'none';
  }
}

/** After the commit record an abort is the policy; before a start, undoing it is the renames back. */
function aborted({ policy, hasStarted }: AbortTerms): Recovery {
  if (hasStarted) return 'policy';
  return policy === 'hold' ? 'still' : 'rename-back';
}

function isAfterCommit(phase: Phase): boolean {
  return phases.indexOf(phase) > phases.indexOf('commit');
}

/** True while everything live is as it was: a person's `abort` then takes all of it back. */
export function isBeforeCommit(phase: Phase): boolean {
  return phases.indexOf(phase) < phases.indexOf('commit');
}
