/**
 * Begins a download as a user does, says after how many milliseconds its first byte was there, and takes
 * the download out of the history again. The last line of standard output is that number.
 *
 *     node probes/download.ts --origin http://127.0.0.1:8765 --account account.json --link https://…
 *
 * `account.json` is `{ "name": …, "password": … }` of an account kept for this, readable by nobody else.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

interface Download {
  readonly id: number;
  readonly status: string;
  readonly receivedBytes: number;
  readonly error: string | null;
}

interface Begun {
  readonly accepted: readonly Download[];
  readonly refused: readonly { readonly message: string }[];
}

const { values } = parseArgs({
  options: {
    origin: { type: 'string' },
    account: { type: 'string' },
    link: { type: 'string' },
  },
});

async function main({ origin, account, link }: typeof values): Promise<void> {
  if (origin === undefined || account === undefined || link === undefined) {
    throw new Error('--origin, --account and --link are needed');
  }
  const session = new Session(origin);
  await session.logIn(readFileSync(account, 'utf8'));
  const begunMs = performance.now();
  const id = await session.begin(link);
  try {
    await firstByte(session, id);
    process.stdout.write(`${(performance.now() - begunMs).toFixed(0)} ms\n`);
  } finally {
    await session.remove(id);
  }
}

/** Waits for as long as whoever runs this lets it. */
async function firstByte(session: Session, id: number): Promise<void> {
  for (;;) {
    const { status, receivedBytes, error } = await session.find(id);
    if (receivedBytes > 0) return;
    if (status === 'failed' || status === 'cancelled') {
      throw new Error(`the download ${status}: ${error ?? 'no reason is told'}`);
    }
    await pause(20);
  }
}

/** What a signed-in user's page asks of the server. */
class Session {
  readonly #origin: string;
  #cookie = '';

  constructor(origin: string) {
    this.#origin = origin;
  }

  async logIn(credentials: string): Promise<void> {
    const response = await this.#send('POST', '/api/login', credentials);
    this.#cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  }

  async begin(link: string): Promise<number> {
    const response = await this.#send('POST', '/api/downloads', JSON.stringify({ links: [link] }));
    const { accepted, refused }: Begun = JSON.parse(await response.text());
    const [download] = accepted;
    if (download === undefined) throw new Error(refused[0]?.message ?? 'the link was not accepted');
    return download.id;
  }

  async find(id: number): Promise<Download> {
    const response = await this.#send('GET', '/api/downloads?limit=500');
    const { downloads }: { readonly downloads: readonly Download[] } = JSON.parse(
      await response.text(),
    );
    const found = downloads.find((download) => download.id === id);
    if (found === undefined) throw new Error('the download is not in the history');
    return found;
  }

  async remove(id: number): Promise<void> {
    await this.#send('DELETE', `/api/downloads/${id}?file=true`, '{}');
  }

  async #send(method: string, path: string, body?: string): Promise<Response> {
    const response = await fetch(new URL(path, this.#origin), {
      method,
      headers: { cookie: this.#cookie, ...(body && { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body }),
    });
    if (response.ok) return response;
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
}

try {
  await main(values);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
