import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { discardPart } from '../platforms/part.ts';
import type { Download, DownloadChange, Status } from './download.ts';
import { EngineError } from './failure.ts';
import { partPathIn } from './folder.ts';
import { Run } from './run.ts';
import type { EngineParts } from './run.ts';

/** Between attempts to begin what the history could not record, on a full disk. */
const beginAgainMs = 1_000;

/**
 * Runs the downloads of the history, so many at a time, oldest first. The history is the queue's only memory:
 * after a crash or a stop, `start` goes on with what is pending or downloading there.
 */
export class DownloadEngine {
  readonly #parts: EngineParts;
  /** Waiting, in the order in which they will run. */
  readonly #waiting: number[] = [];
  /** Runs of which the history does not know yet how they ended. */
  readonly #running = new Map<number, Run>();
  /** Waiting ones that could not begin: told to the log once each. */
  readonly #unrecorded = new Set<number>();
  #beginAgain: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Goes on with the downloads that an earlier engine left unfinished. */
  start(): void {
    for (const { id } of this.#parts.records.unfinished()) this.enqueue(id);
  }

  /** Takes a pending row up; one that waits already keeps its place. */
  enqueue(id: number): void {
    if (!this.#waiting.includes(id)) this.#waiting.push(id);
    this.#fill();
  }

  /** Stops a pending or running download for now; its part is kept. Throws EngineError `download/not-active`. */
  cancel(id: number): void {
    const download = this.#found(id);
    if (!isActive(download.status)) {
      throw new EngineError('download/not-active', `The download is ${download.status} already.`);
    }
    const finishedAt = new Date().toISOString();
    this.#change(id, { status: 'cancelled', finishedAt, error: null });
    this.#forget(id);
    const run = this.#running.get(id);
    if (run === undefined) this.#parts.onFinished?.(download.platform, 'cancelled', 0);
    else run.stop();
  }

  /** Goes on with a failed or cancelled download from its part. Throws EngineError `download/not-stopped`. */
  resume(id: number): void {
    this.#queueAgain(id, {});
  }

  /** Starts a failed or cancelled download afresh. Throws EngineError `download/not-stopped`. */
  retry(id: number): void {
    this.#queueAgain(id, { receivedBytes: 0 });
  }

  /**
   * Ends whatever is going on with a download and removes its part, and its file if asked for.
   * The row is left to the caller, who deletes it afterwards.
   */
  async remove(id: number, { withFile }: { readonly withFile: boolean }): Promise<void> {
    const download = this.#found(id);
    this.#forget(id);
    const run = this.#running.get(id);
    run?.stop();
    await run?.ended;
    const { root } = this.#parts.place(download.userId);
    await discardPart(partPathIn(root, id));
    if (withFile && download.status === 'completed' && download.fileName !== null) {
      await rm(join(root, download.fileName), { force: true });
    }
  }

  /** Of all that run, of late. */
  totalBytesPerSecond(): number {
    return [...this.#running.values()].reduce((sum, run) => sum + run.bytesPerSecond(), 0);
  }

  /** Of late; 0 for a download that is not running. */
  bytesPerSecond(id: number): number {
    return this.#running.get(id)?.bytesPerSecond() ?? 0;
  }

  /**
   * Stops everything and resolves when no program of ours is left. Rows stay `downloading` or `pending`,
   * so that the next engine goes on with them.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.length = 0;
    if (this.#beginAgain !== null) clearTimeout(this.#beginAgain);
    const runs = [...this.#running.values()];
    for (const run of runs) run.stop();
    await Promise.all(runs.map(({ ended }) => ended));
  }

  #queueAgain(id: number, change: DownloadChange): void {
    const { status } = this.#found(id);
    if (status !== 'failed' && status !== 'cancelled') {
      throw new EngineError('download/not-stopped', `The download is ${status}.`);
    }
    this.#change(id, { ...change, status: 'pending', error: null, finishedAt: null });
    this.enqueue(id);
  }

  /** Starts what there is room for. One that is still being stopped waits until it has. */
  #fill(): void {
    const refused: number[] = [];
    while (!this.#isClosed && this.#hasRoom()) {
      const next = this.#waiting.findIndex((id) => !this.#running.has(id));
      const [id] = next === -1 ? [] : this.#waiting.splice(next, 1);
      if (id === undefined) break;
      if (!this.#tryBegin(id)) refused.push(id);
    }
    this.#waiting.push(...refused);
    if (refused.length > 0) this.#fillLater();
  }

  #hasRoom(): boolean {
    const busy = [...this.#running.values()].filter(({ isFinished }) => !isFinished);
    return busy.length < this.#parts.maxConcurrent();
  }

  /** False when the history could not be read or written; then the download has to wait. */
  #tryBegin(id: number): boolean {
    try {
      const download = this.#parts.records.find(id);
      if (download !== null && isActive(download.status)) this.#begin(download);
      this.#unrecorded.delete(id);
      return true;
    } catch (error) {
      if (!this.#unrecorded.has(id))
        this.#parts.log('download.unrecorded', { id, error: String(error) });
      this.#unrecorded.add(id);
      return false;
    }
  }

  #fillLater(): void {
    this.#beginAgain ??= setTimeout(() => {
      this.#beginAgain = null;
      this.#fill();
    }, beginAgainMs);
  }

  #begin(download: Download): void {
    const { id } = download;
    this.#change(id, { status: 'downloading', error: null, finishedAt: null });
    const run = new Run(this.#parts, { ...download, status: 'downloading' });
    this.#running.set(id, run);
    void this.#follow(id, run);
  }

  async #follow(id: number, run: Run): Promise<void> {
    await run.finished;
    this.#fill();
    await run.ended;
    this.#running.delete(id);
    this.#fill();
  }

  #forget(id: number): void {
    const place = this.#waiting.indexOf(id);
    if (place !== -1) this.#waiting.splice(place, 1);
    this.#unrecorded.delete(id);
  }

  #found(id: number): Download {
    const download = this.#parts.records.find(id);
    if (download !== null) return download;
    throw new EngineError('download/unknown', `There is no download ${id}.`);
  }

  #change(id: number, change: DownloadChange): void {
    this.#parts.records.change(id, change);
    this.#parts.onChange?.(id);
  }
}

function isActive(status: Status): boolean {
  return status === 'pending' || status === 'downloading';
}
