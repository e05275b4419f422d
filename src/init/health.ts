import type { Host } from '../host/host.ts';
import type { Guess } from './draft.ts';

const asked = ['/healthz', '/health', '/api/health', '/ready', '/'];
const limits = { limitMs: 3_000, bodyBytes: 4_096 };

/** The first path that answers with success; null where none does. */
export async function healthOf(host: Host, port: number): Promise<Guess<string> | null> {
  for (const path of asked) {
    const answer = await host.network.get(new URL(`http://127.0.0.1:${port}${path}`), limits);
    if (answer.kind !== 'answered' || answer.status < 200 || answer.status > 299) continue;
    return { value: path, why: `it answered ${answer.status} on port ${port}` };
  }
  return null;
}
