import { join } from 'node:path';
import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Host } from '../../host/host.ts';
import { randomHex } from '../../host/random.ts';
import { readPrivate, removeIfThere, writePrivate } from '../private-file.ts';
import type { RestartPolicy } from './restart.ts';

/** All that a supervisor must know of its child; nothing of it comes from its own environment. */
export interface LaunchOrder {
  readonly argv: readonly [string, ...string[]];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** null: the supervisor's own account. */
  readonly account: { readonly uid: number; readonly gid: number } | null;
  readonly stopTimeoutMs: number;
  readonly restart: RestartPolicy;
  readonly logBytes: number;
}

const launchOrder: z.ZodType<LaunchOrder> = z.object({
  argv: z.tuple([z.string()], z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  account: z.object({ uid: z.int(), gid: z.int() }).nullable(),
  stopTimeoutMs: z.number(),
  restart: z.object({
    limit: z.int(),
    firstWaitMs: z.number(),
    longestWaitMs: z.number(),
    soundAfterMs: z.number(),
  }),
  logBytes: z.int(),
});

/**
 * Hands an order over in a private file of its own (its environment may hold secrets, so it is no
 * argument), and returns the file's name. Two starts at once do not overwrite each other's.
 */
export function writeOrder(host: Host, folder: string, order: LaunchOrder): string {
  const name = `order-${randomHex(host.random, 8)}.json`;
  writePrivate(host, join(folder, name), JSON.stringify(order));
  return name;
}

/** Reads an order and removes its file. Throws `service/order` where it is not one. */
export function takeOrder(host: Host, folder: string, name: string): LaunchOrder {
  const path = join(folder, name);
  const text = readPrivate(host.disk, path);
  removeIfThere(host.disk, path);
  const parsed = launchOrder.safeParse(text === null ? null : parseJson(text));
  if (parsed.success) return parsed.data;
  throw new BackstepError('service/order', {
    message: `${path} does not say what to start`,
    hint: 'start the service with `backstep`, not the supervisor by hand',
    cause: parsed.error,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
