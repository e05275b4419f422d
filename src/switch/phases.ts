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
  | { readonly kind: 'ended'; readonly result: RunResult };

/**
 * discard: nothing live was touched, throw the staging away · restart: the same, and start what was
 * stopped · rename-back: put the displaced state back, then start it · forward: finish placing, start,
 * verify · policy: the release is in its place and is not sound, undo or hold · none: there is nothing to do.
 */
export type Recovery = 'discard' | 'restart' | 'rename-back' | 'forward' | 'policy' | 'none';

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

/** What is to be done about a run that was left in this state. */
export function recoveryFor(state: RunState): Recovery {
  switch (state.kind) {
    case 'in':
      return recoveries[state.phase].killed;
    case 'failed':
      return recoveries[state.phase].failed;
    case 'undoing':
      return 'rename-back';
    case 'ended':
      return 'none';
  }
}

/** True while everything live is as it was: a person's `abort` then takes all of it back. */
export function isBeforeCommit(phase: Phase): boolean {
  return phases.indexOf(phase) < phases.indexOf('commit');
}
