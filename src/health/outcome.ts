/**
 * What one measurement, or a gate as a whole, came to:
 * Successful: measured, good · Failed: measured, bad · Error: could not be measured · Inconclusive:
 * measured, and it says neither. 'Could not measure' never counts as bad or as good.
 */
export type Outcome = 'Successful' | 'Failed' | 'Error' | 'Inconclusive';

export interface Measurement {
  readonly outcome: Outcome;
  /** One line for a person. */
  readonly detail: string;
}

/** Takes one measurement within the limit. Throws only `interrupted`. */
export type Probe = (limits: {
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}) => Promise<Measurement>;
