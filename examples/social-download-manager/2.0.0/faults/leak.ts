const everyMs = 1_000;
const bytesPerMegabyte = 1_000_000;
/** All that one leak may take: 1 GiB. */
const limitBytes = 1024 ** 3;

/** Takes so many megabytes at once and then every second, up to 1 GiB, and keeps them. */
export class MemoryLeak {
  readonly #chunkBytes: number;
  readonly #chunks: Buffer[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(megabytes: number) {
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
    const bytes = Math.min(this.#chunkBytes, limitBytes - this.#bytes);
    if (bytes > 0) this.#chunks.push(Buffer.alloc(bytes, 1));
  }
}
