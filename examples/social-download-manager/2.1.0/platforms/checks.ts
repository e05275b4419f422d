import type { Platform, PlatformCheck, PlatformSettings } from './platform.ts';

const freshMs = 30_000;
const limitMs = 5_000;

interface Kept {
  readonly startedAt: number;
  readonly result: Promise<PlatformCheck>;
}

/** Asks platforms whether they can be used, each at most twice a minute: a check may start a program. */
export class PlatformChecks {
  readonly #settingsOf: (platform: string) => PlatformSettings;
  readonly #kept = new Map<string, Kept>();

  constructor(settingsOf: (platform: string) => PlatformSettings) {
    this.#settingsOf = settingsOf;
  }

  /** Never rejects; a check that takes longer than 5 s counts as unavailable. */
  async check(platform: Platform): Promise<PlatformCheck> {
    const kept = this.#kept.get(platform.name);
    if (kept !== undefined && Date.now() - kept.startedAt < freshMs) return kept.result;
    const result = withLimit(platform.check(this.#settingsOf(platform.name)));
    this.#kept.set(platform.name, { startedAt: Date.now(), result });
    return result;
  }
}

async function withLimit(check: Promise<PlatformCheck>): Promise<PlatformCheck> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<PlatformCheck>((resolve) => {
    const detail = `no answer within ${limitMs / 1_000} s`;
    timer = setTimeout(() => resolve({ status: 'unavailable', detail }), limitMs);
  });
  const failed = (error: unknown): PlatformCheck => ({
    status: 'unavailable',
    detail: error instanceof Error ? error.message : 'the check failed',
  });
  return Promise.race([check.catch(failed), late]).finally(() => clearTimeout(timer));
}
