import { readlinkSync } from 'node:fs';
import { extname } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { HttpAnswer, HttpLimits } from './network.ts';
import { run } from './node-run.ts';
import { inNetworkOf, type SecludedProcess } from './seclusion.ts';

/** One GET from within the network of a process, by a program of our own that nsenter(1) brings there. */
export async function getWithin(
  process: SecludedProcess,
  url: URL,
  limits: HttpLimits,
): Promise<HttpAnswer> {
  const program = fileURLToPath(new URL(`./node-ask${extname(import.meta.url)}`, import.meta.url));
  const asked = [url.href, String(limits.limitMs), String(limits.bodyBytes)];
  const argv = [execPath, program, ...asked, readlinkSync('/proc/self/ns/net')] as const;
  const { limitMs, signal } = limits;
  const finished = await run(
    { argv: inNetworkOf(process, argv) },
    { limitMs, graceMs, ...(signal === undefined ? {} : { abort: signal }) },
  );
  if (finished.ended === 'limit')
    return { kind: 'silent', why: `no answer within ${Math.ceil(limitMs)} ms` };
  if (finished.code === 0) return answer.parse(JSON.parse(finished.stdout));
  const said = finished.stderr.trim().split('\n').at(-1) ?? '';
  return { kind: 'unreachable', why: `its network cannot be entered: ${said}` };
}

const answer: z.ZodType<HttpAnswer> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('answered'),
    status: z.int(),
    body: z.string(),
    cookies: z.array(z.string()).exactOptional(),
    firstByteMs: z.number().exactOptional(),
  }),
  z.object({ kind: z.literal('silent'), why: z.string() }),
  z.object({ kind: z.literal('unreachable'), why: z.string() }),
]);

/** It only asks: nothing of it needs an orderly end. */
const graceMs = 100;
