import { setTimeout as wait } from 'node:timers/promises';

import type { PlatformAuth, PlatformSettings } from '../platforms/platform.ts';
import { PlatformError } from '../platforms/platform.ts';
import { parseLink } from '../platforms/registry.ts';
import type { PlatformRegistry } from '../platforms/registry.ts';
import type { Download, DownloadChange } from './download.ts';
import { failureOf } from './failure.ts';
import type { Failure } from './failure.ts';
import { runJob } from './job.ts';
import type { Job } from './job.ts';
import { ProgressMeter } from './progress.ts';
import type { DownloadPlace, DownloadRecords } from './records.ts';

/** How a download ended. One that was stopped to go on later has not ended. */
export type DownloadResult = 'completed' | 'failed' | 'cancelled';

/** What the engine works with; all of it is asked anew for each download. */
export interface EngineParts {
  readonly records: DownloadRecords;
  readonly registry: PlatformRegistry;
  place(userId: number): DownloadPlace;
  settingsOf(platform: string): PlatformSettings;
  authOf(platform: string): PlatformAuth | null;
  isEnabled(platform: string): boolean;
  maxConcurrent(): number;
  log(event: string, fields: Readonly<Record<string, unknown>>): void;
  /** A row has changed. */
  readonly onChange?: (id: number) => void;
  /** `bytes` are those that this run brought. */
  readonly onFinished?: (platform: string, result: DownloadResult, bytes: number) => void;
}

const historyEveryMs = 1_000;
/** How long the end of a run is kept, to be written when there is room again. */
const keepEndMs = 60 * 60 * 1_000;

/** One run of one download, from when there is room for it until nothing of it is left running. */
export class Run {
  /** Resolves when nothing of it is left running, whether or not the history could be told. Never rejects. */
  readonly finished: Promise<void>;
  /**
   * Resolves when the history knows how it ended. On a full disk that is tried again until it can be written, for an
   * hour at most, or until `stop`: then the row stays `downloading`, and the next start goes on with it. Never rejects.
   */
  readonly ended: Promise<void>;
  readonly #parts: EngineParts;
  readonly #download: Download;
  readonly #meter: ProgressMeter;
  readonly #controller = new AbortController();
  #isFinished = false;
  #isUnrecorded = false;

  constructor(parts: EngineParts, download: Download) {
    this.#parts = parts;
    this.#download = download;
    this.#meter = new ProgressMeter(download.receivedBytes, download.sizeBytes);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.finished = promise;
    this.ended = this.#run(resolve);
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Ends the run and leaves the row's status as it is; the part is kept. */
  stop(): void {
    this.#controller.abort();
  }

  bytesPerSecond(): number {
    return this.#meter.bytesPerSecond();
  }

  async #run(onFinished: () => void): Promise<void> {
    this.#parts.log('download.started', {
      id: this.#download.id,
      platform: this.#download.platform,
    });
    const writing = setInterval(() => this.#record(() => this.#writeProgress()), historyEveryMs);
    const outcome = await this.#outcome();
    clearInterval(writing);
    const write = (): void => {
      this.#writeProgress();
      if (outcome.kind !== 'stopped') this.#change({ ...outcome.change, finishedAt: now() });
      this.#tell(outcome);
    };
    const isWritten = this.#record(write);
    this.#isFinished = true;
    onFinished();
    if (!isWritten) await this.#writeLater(write);
  }

  async #writeLater(write: () => void): Promise<void> {
    const { signal } = this.#controller;
    const until = performance.now() + keepEndMs;
    let isWritten = false;
    while (!isWritten && !signal.aborted && performance.now() < until) {
      await wait(historyEveryMs, null, { signal }).catch(ignoreAbort);
      // Who has cancelled it meanwhile has the last word.
      isWritten = this.#record(signal.aborted ? () => this.#tell({ kind: 'stopped' }) : write);
    }
  }

  async #outcome(): Promise<Outcome> {
    const { signal } = this.#controller;
    try {
      const change = await runJob(this.#job());
      return { kind: 'completed', change: { ...change, status: 'completed', error: null } };
    } catch (error) {
      if (signal.aborted) return { kind: 'stopped' };
      const failure = await this.#failure(error);
      const text = `${failure.code}: ${failure.message}`;
      return { kind: 'failed', failure, change: { status: 'failed', error: text, fileName: null } };
    }
  }

  async #failure(error: unknown): Promise<Failure> {
    try {
      return await failureOf(error, this.#parts.place(this.#download.userId).root);
    } catch (cause) {
      // Looking for the reason failed as well: what went wrong first is what the user has to know.
      const message = `The download failed: ${String(error)}`;
      this.#parts.log('download.undiagnosed', { id: this.#download.id, error: String(cause) });
      return { code: 'download/failed', message };
    }
  }

  /** Throws PlatformError when the row can no longer be downloaded. */
  #job(): Job {
    const { platform: name, url, quality, audioOnly, userId, id } = this.#download;
    const { records, registry } = this.#parts;
    const platform = registry.byName(name);
    if (platform === undefined || !this.#parts.isEnabled(name)) {
      throw new PlatformError('platform/disabled', `Downloads from ${name} are switched off.`);
    }
    const { signal } = this.#controller;
    const [settings, auth] = [this.#parts.settingsOf(name), this.#parts.authOf(name)];
    return {
      download: this.#download,
      platform,
      place: this.#parts.place(userId),
      request: { link: parseLink(url), quality, audioOnly, settings, auth, signal },
      meter: this.#meter,
      current: () => records.find(id) ?? this.#download,
      change: (change) => this.#change(change),
    };
  }

  #tell(outcome: Outcome): void {
    const { id, platform } = this.#download;
    const status = this.#parts.records.find(id)?.status;
    const bytes = this.#meter.runBytes;
    const code = outcome.kind === 'failed' ? { code: outcome.failure.code } : {};
    this.#parts.log(`download.${outcome.kind}`, { id, platform, status, bytes, ...code });
    if (outcome.kind !== 'stopped') this.#parts.onFinished?.(platform, outcome.kind, bytes);
    else if (status === 'cancelled') this.#parts.onFinished?.(platform, 'cancelled', bytes);
  }

  #writeProgress(): void {
    const progress = this.#meter.unwritten();
    if (progress !== null) this.#change(progress);
  }

  #change(change: DownloadChange): void {
    this.#parts.records.change(this.#download.id, change);
    this.#parts.onChange?.(this.#download.id);
  }

  /** The history may be on a disk that is full: that is told to the log, once, and the server lives on. */
  #record(write: () => void): boolean {
    try {
      write();
      this.#isUnrecorded = false;
      return true;
    } catch (error) {
      if (!this.#isUnrecorded)
        this.#parts.log('download.unrecorded', { id: this.#download.id, error: String(error) });
      this.#isUnrecorded = true;
      return false;
    }
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

type Outcome =
  | { readonly kind: 'completed'; readonly change: DownloadChange }
  | { readonly kind: 'failed'; readonly change: DownloadChange; readonly failure: Failure }
  | { readonly kind: 'stopped' };

function now(): string {
  return new Date().toISOString();
}
