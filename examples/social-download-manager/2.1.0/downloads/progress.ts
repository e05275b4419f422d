import type { Progress } from '../platforms/platform.ts';

const windowMs = 5_000;

/** Follows one download's bytes: how many came in all, in this run, and how fast of late. */
export class ProgressMeter {
  #received: number;
  #sizeBytes: number | null;
  #runBytes = 0;
  #isWritten = true;
  /** Oldest first, none older than the window but one. */
  readonly #samples: { readonly atMs: number; readonly runBytes: number }[] = [];

  constructor(receivedBytes: number, sizeBytes: number | null) {
    this.#received = receivedBytes;
    this.#sizeBytes = sizeBytes;
  }

  /** Bytes that this run brought, whether or not they were kept. */
  get runBytes(): number {
    return this.#runBytes;
  }

  /** The first report of a run, or one that starts afresh, tells where it begins and brings nothing. */
  report({ receivedBytes, sizeBytes }: Progress): void {
    const isBegin = this.#samples.length === 0 || receivedBytes < this.#received;
    this.#runBytes += isBegin ? 0 : receivedBytes - this.#received;
    this.#received = receivedBytes;
    this.#sizeBytes = sizeBytes ?? this.#sizeBytes;
    this.#isWritten = false;
    const atMs = performance.now();
    this.#samples.push({ atMs, runBytes: this.#runBytes });
    while (this.#samples.length > 2 && (this.#samples[1]?.atMs ?? atMs) < atMs - windowMs) {
      this.#samples.shift();
    }
  }

  /** What has to be written to the history; null when it is there already. */
  unwritten(): { readonly receivedBytes: number; readonly sizeBytes: number | null } | null {
    if (this.#isWritten) return null;
    this.#isWritten = true;
    return { receivedBytes: this.#received, sizeBytes: this.#sizeBytes };
  }

  bytesPerSecond(): number {
    const first = this.#samples[0];
    if (first === undefined) return 0;
    const seconds = (performance.now() - first.atMs) / 1000;
    return seconds > 0 ? Math.round((this.#runBytes - first.runBytes) / seconds) : 0;
  }
}
