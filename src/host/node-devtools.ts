import { setTimeout as wait } from 'node:timers/promises';
import type { PageMeasure } from './browser.ts';

/**
 * A few words of the Chrome DevTools protocol (https://chromedevtools.github.io/devtools-protocol), over the
 * WebSocket that Node has.
 */
class DevTools {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Message) => void>();
  readonly #listeners = new Set<(event: Message) => void>();
  readonly #closed: Promise<never>;
  #id = 0;

  constructor(socket: WebSocket, signal: AbortSignal) {
    this.#socket = socket;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#closed = promise;
    promise.catch(() => undefined);
    socket.addEventListener('close', () => reject(new Error('the browser hung up')));
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
    socket.addEventListener('message', ({ data }) => this.#take(parse(data)));
  }

  /** One command and its answer. */
  async call(method: string, params: object = {}, sessionId?: string): Promise<Message> {
    this.#id += 1;
    const id = this.#id;
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#waiting.set(id, resolve);
    this.#socket.send(
      JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }),
    );
    const answer = await Promise.race([promise, this.#closed]);
    if (answer.error !== undefined)
      throw new Error(`${method}: ${answer.error.message ?? 'refused'}`);
    return answer;
  }

  /** The next event of that name. */
  async next(method: string): Promise<Message> {
    const { promise, resolve } = Promise.withResolvers<Message>();
    const listener = (event: Message): void => {
      if (event.method !== method) return;
      this.#listeners.delete(listener);
      resolve(event);
    };
    this.#listeners.add(listener);
    return Promise.race([promise, this.#closed]);
  }

  on(listener: (event: Message) => void): void {
    this.#listeners.add(listener);
  }

  #take(message: Message): void {
    if (message.id === undefined) for (const listener of this.#listeners) listener(message);
    else this.#waiting.get(message.id)?.(message);
  }
}

/** What is read of an answer or an event. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly error?: { readonly message?: string };
  readonly result?: {
    readonly targetId?: string;
    readonly sessionId?: string;
    readonly result?: { readonly value?: unknown };
  };
  readonly params?: {
    readonly exceptionDetails?: { readonly text?: string };
    readonly entry?: { readonly level?: string; readonly text?: string; readonly url?: string };
  };
}

function parse(data: unknown): Message {
  const message: unknown = JSON.parse(String(data));
  return typeof message === 'object' && message !== null ? message : {};
}

/** How often it is asked; the first event may still meet a page that settles. */
const eventCount = 5;
const settleMs = 200;

export async function measurePage(
  address: string,
  url: URL,
  signal: AbortSignal,
): Promise<PageMeasure> {
  const socket = await connected(address, signal);
  try {
    const tools = new DevTools(socket, signal);
    const { result: target } = await tools.call('Target.createTarget', { url: 'about:blank' });
    const attached = await tools.call('Target.attachToTarget', {
      targetId: target?.targetId,
      flatten: true,
    });
    const session = attached.result?.sessionId ?? '';
    const errors: string[] = [];
    tools.on((event) => errors.push(...errorsOf(event)));
    for (const domain of ['Page', 'Runtime', 'Log'])
      await tools.call(`${domain}.enable`, {}, session);
    const startedMs = performance.now();
    const loaded = tools.next('Page.loadEventFired');
    await tools.call('Page.navigate', { url: url.href }, session);
    await loaded;
    const loadMs = performance.now() - startedMs;
    await wait(settleMs, undefined, { signal });
    const eventToPaintMs: number[] = [];
    for (let n = 0; n < eventCount; n += 1) eventToPaintMs.push(await eventToPaint(tools, session));
    return { kind: 'measured', loadMs, eventToPaintMs, errors };
  } finally {
    socket.close();
  }
}

/**
 * A real key event, Shift, which types nothing: from when it was made to after the frame that follows its
 * handlers was painted (as Event Timing has it, without its rounding to 8 ms).
 */
async function eventToPaint(tools: DevTools, sessionId: string): Promise<number> {
  await tools.call(
    'Runtime.evaluate',
    {
      expression: `window.__painted = new Promise((painted) => addEventListener('keydown', (event) =>
        requestAnimationFrame(() => { const channel = new MessageChannel();
          channel.port1.onmessage = () => painted(performance.now() - event.timeStamp);
          channel.port2.postMessage(null); }), { once: true, capture: true })); 0`,
    },
    sessionId,
  );
  const key = { key: 'Shift', code: 'ShiftLeft', windowsVirtualKeyCode: 16 };
  await tools.call('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key }, sessionId);
  await tools.call('Input.dispatchKeyEvent', { type: 'keyUp', ...key }, sessionId);
  const { result } = await tools.call(
    'Runtime.evaluate',
    { expression: 'window.__painted', awaitPromise: true, returnByValue: true },
    sessionId,
  );
  const ms = result?.result?.value;
  if (typeof ms !== 'number') throw new Error('the page did not answer an event');
  return ms;
}

function errorsOf({ method, params }: Message): string[] {
  if (method === 'Runtime.exceptionThrown')
    return [params?.exceptionDetails?.text ?? 'an exception'];
  const entry = params?.entry;
  return method === 'Log.entryAdded' && entry?.level === 'error'
    ? [`${entry.text ?? ''}${entry.url === undefined ? '' : ` (${entry.url})`}`]
    : [];
}

function connected(address: string, signal: AbortSignal): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  const socket = new WebSocket(address);
  socket.addEventListener('open', () => resolve(socket));
  socket.addEventListener('error', () => reject(new Error('the browser cannot be reached')));
  signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
  return promise;
}
