export interface Clock {
  /** Wall time in milliseconds since 1970, UTC. May jump in either direction. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. Durations and deadlines use this one. */
  monotonicMs(): number;
  /** Throws BackstepError `interrupted` when the signal is aborted before or during the sleep. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}
