import type { EarlierState, MergeRequest } from './asset.ts';

/** What stands for what cannot be read of the latest state. */
export interface Floor {
  readonly path: string;
  /** How it is told: rows stand `as captured at …`. */
  readonly as: string;
}

/** How origin is told. */
export const asOrigin = 'as after the last switch';

/**
 * The newest captured state that `take` finds fit; it is handed each side in turn, newest first, and says where the unit lies.
 * Null where none is.
 */
export function floorOf(
  { earlier }: Pick<MergeRequest, 'earlier'>,
  take: (state: EarlierState) => string | null,
): Floor | null {
  for (const state of earlier?.() ?? []) {
    const path = take(state);
    if (path !== null) return { path, as: `as captured at ${state.at} (${state.id})` };
  }
  return null;
}
