import assert from 'node:assert/strict';
import type { Client } from './client.ts';
import { limitMs } from './patience.ts';

export interface StreamedEvent {
  readonly name: string;
  readonly data: unknown;
}

/** Follows a stream of server-sent events as a page does; `seen` grows while it is open. */
export class FollowedStream {
  readonly status: number;
  readonly type: string;
  readonly seen: StreamedEvent[] = [];
  /** Resolves when the server has ended the stream, or `close` was called. */
  readonly ended: Promise<void>;
  readonly #controller: AbortController;
  readonly #waiting: (() => void)[] = [];

  constructor(response: Response, controller: AbortController) {
    this.status = response.status;
    this.type = response.headers.get('content-type') ?? '';
    this.#controller = controller;
    this.ended = this.#read(response);
  }

  /** Waits for the first event that is as wanted, among those that have come too. */
  async until(isWanted: (event: StreamedEvent) => boolean): Promise<StreamedEvent> {
    for (const start = Date.now(); ;) {
      const found = this.seen.find(isWanted);
      if (found !== undefined) return found;
      assert.ok(Date.now() - start < limitMs, `not among ${JSON.stringify(this.seen)}`);
      await this.#more();
    }
  }

  close(): void {
    this.#controller.abort();
  }

  /** Resolves with the next events, and every second, so that waiting comes to an end. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of response.body ?? []) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = parts.pop() ?? '';
        this.seen.push(...parts.flatMap(eventOf));
        for (const wake of this.#waiting.splice(0)) wake();
      }
    } catch (error) {
      if (!this.#controller.signal.aborted) throw error;
    }
  }
}

export async function followStream(client: Client, path: string): Promise<FollowedStream> {
  const controller = new AbortController();
  const response = await fetch(new URL(path, client.origin), {
    headers: { cookie: client.cookies },
    signal: controller.signal,
  });
  return new FollowedStream(response, controller);
}

function eventOf(text: string): readonly StreamedEvent[] {
  const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(text) ?? [];
  return name === undefined || data === undefined ? [] : [{ name, data: JSON.parse(data) }];
}
