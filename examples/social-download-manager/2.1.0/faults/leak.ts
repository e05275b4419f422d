const everyMs = 1_000;
const bytesPerMegabyte = 1_000_000;
const gibibyte = 1024 ** 3;

/** Takes so many megabytes at once and then every second, and keeps them; never more than 1 GiB in all. */
export class MemoryLeak {
  readonly #chunkBytes: number;
  readonly #chunks: Buffer[] = [];
  readonly #limitBytes: number;
  readonly #timer: NodeJS.Timeout;

  constructor(megabytes: number, limitBytes = gibibyte) {
    this.#limitBytes = limitBytes;
    this.#chunkBytes = megabytes * bytesPerMegabyte;
    this.#grow();
    this.#timer = setInterval(() => this.#grow(), everyMs);
  }

  /** Taken so far. */
  get megabytes(): number {
    return this.#bytes / bytesPerMegabyte;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#chunks.length = 0;
  }

  get #bytes(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Written to, so that the memory is really taken. */
  #grow(): void {
    const bytes = Math.min(this.#chunkBytes, this.#limitBytes - this.#bytes);
    if (bytes > 0) this.#chunks.push(Buffer.alloc(bytes, 1));
  }
}
