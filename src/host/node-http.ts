import type { IncomingMessage } from 'node:http';
import { errnoOf } from './node-fault.ts';
import type { HttpAnswer, HttpLimits } from './network.ts';

/** One GET. The limit is absolute: a far side that sends a byte now and then does not stretch it. */
export function get(url: URL, limits: HttpLimits): Promise<HttpAnswer> {
  const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
  const alarm = AbortSignal.timeout(Math.ceil(limits.limitMs));
  const signal = limits.signal ? AbortSignal.any([alarm, limits.signal]) : alarm;
  // An import of `node:http` looks at all that it exports, and so loads a client of its own: 40 ms, for nothing.
  const name = url.protocol === 'https:' ? 'node:https' : 'node:http';
  const { request } = process.getBuiltinModule(name);
  const startedMs = performance.now();
  const sent = request(url, { agent: false, signal }, (response) => {
    read(response, limits.bodyBytes, startedMs).then(resolve, fail);
  });
  const fail = (error: unknown): void => {
    sent.destroy();
    if (alarm.aborted)
      resolve({ kind: 'silent', why: `no answer within ${Math.ceil(limits.limitMs)} ms` });
    else resolve({ kind: 'unreachable', why: whyOf(error) });
  };
  sent.once('error', fail);
  sent.end();
  return promise;
}

async function read(
  response: IncomingMessage,
  keepBytes: number,
  startedMs: number,
): Promise<HttpAnswer> {
  const kept: Buffer[] = [];
  let room = keepBytes;
  let firstByteMs: number | null = null;
  for await (const chunk of response) {
    firstByteMs ??= performance.now() - startedMs;
    const bytes = Buffer.from(chunk);
    kept.push(bytes.subarray(0, room));
    room -= Math.min(room, bytes.length);
    if (room === 0) break;
  }
  const body = Buffer.concat(kept).toString('utf8');
  firstByteMs ??= performance.now() - startedMs;
  const cookies = response.headers['set-cookie'];
  const answer = { kind: 'answered', status: response.statusCode ?? 0, body, firstByteMs } as const;
  return cookies === undefined ? answer : { ...answer, cookies };
}

function whyOf(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === 'ECONNREFUSED') return 'nobody listens';
  if (errno === 'ECONNRESET') return 'the far side hung up';
  return error instanceof Error ? error.message : String(error);
}
