/**
 * Asks an address from where it is started: `node node-ask.ts URL LIMIT_MS BODY_BYTES NETWORK`, the last one being the
 * network (its link in /proc) that it must have left. Says the answer (`HttpAnswer`) as JSON. Exit code: always 0.
 */
import { readlinkSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import type { HttpAnswer } from './network.ts';
import { get } from './node-http.ts';

const [url = '', limitMs, bodyBytes, left] = argv.slice(2);
const limits = { limitMs: Number(limitMs), bodyBytes: Number(bodyBytes) };
// A process that was just started has not gone into its own network yet: here, somebody else might answer.
const isInside = readlinkSync('/proc/self/ns/net') !== left;
const notYet: HttpAnswer = { kind: 'unreachable', why: 'it is not in its own network yet' };
stdout.write(JSON.stringify(isInside ? await get(new URL(url), limits) : notYet));
